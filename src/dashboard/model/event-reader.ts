// Reads server-sent events out of the chunks of a response. By hand and not by EventSource, because
// that cannot send the header with the token. https://html.spec.whatwg.org/multipage/server-sent-events.html

export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
}

/** More than the largest message that a server sends. */
const LIMIT_CHARACTERS = 16 * 1024 * 1024;

export class EventReader {
  #text = '';

  /** The events that this chunk completes; throws when a server sends one without end. */
  read(chunk: string): readonly ServerSentEvent[] {
    this.#text += chunk;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    if (this.#text.length > LIMIT_CHARACTERS) throw new Error('an event without end');
    return blocks.flatMap(eventOf);
  }
}

function eventOf(block: string): readonly ServerSentEvent[] {
  let name = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field, value] = /^([^:]+):? ?(.*)$/.exec(line) ?? [];
    if (field === 'event') name = value;
    else if (field === 'data') data.push(value);
  }
  return data.length === 0 ? [] : [{ name, data: data.join('\n') }];
}
