// What a client may be called. CLIENT LIST is split at spaces and line ends by everybody who reads it.

/** Printable ASCII without spaces, in latin1; empty is allowed. */
export function isPlainText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 33 || code > 126) return false;
  }
  return true;
}
