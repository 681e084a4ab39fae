// Pages that are written by hand but for some parts, which stand between `<!-- begin NAME -->` and
// `<!-- end NAME -->` and are made anew.

export function fillPage(
  path: string,
  page: string,
  parts: Readonly<Record<string, string>>,
): string {
  let text = page;
  for (const [name, part] of Object.entries(parts)) {
    const begin = `<!-- begin ${name} -->`;
    const end = `<!-- end ${name} -->`;
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from === -1 || to < from) throw new Error(`${path} has no place for ${name}`);
    text = `${text.slice(0, from + begin.length)}\n${part}${text.slice(to)}`;
  }
  return text;
}
