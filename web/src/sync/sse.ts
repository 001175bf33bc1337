/** One event of a `text/event-stream`. `id` is absent when the event carries none. */
export interface SseEvent {
  readonly type: string;
  readonly data: string;
  readonly id?: string;
}

/**
 * Reads a `text/event-stream` bit by bit, wherever the network cuts it. As the
 * HTML standard has it, but for one thing: an event with a type and no data is
 * an event, since `reset` has nothing to say.
 */
export class SseParser {
  #line = '';
  #afterCr = false;
  #started = false;
  #type = '';
  #data: string[] = [];
  #id: string | undefined;

  /** The events completed by this chunk, in order. */
  push(chunk: string): SseEvent[] {
    const events: SseEvent[] = [];
    let text = chunk;
    if (!this.#started && text !== '') {
      this.#started = true;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    if (this.#afterCr && text.startsWith('\n')) text = text.slice(1);
    if (chunk !== '') this.#afterCr = text.endsWith('\r');

    const lines = text.split(/\r\n|\r|\n/);
    const rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = this.#take(this.#line + line);
      this.#line = '';
      if (event) events.push(event);
    }
    this.#line += rest;
    return events;
  }

  #take(line: string): SseEvent | undefined {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#type = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return undefined;
  }

  #dispatch(): SseEvent | undefined {
    const empty = this.#type === '' && this.#data.length === 0;
    const event: SseEvent = {
      type: this.#type || 'message',
      data: this.#data.join('\n'),
      ...(this.#id === undefined ? {} : { id: this.#id }),
    };
    this.#type = '';
    this.#data = [];
    this.#id = undefined;
    return empty ? undefined : event;
  }
}
