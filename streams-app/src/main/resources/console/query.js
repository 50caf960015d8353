// What is looked for on the wall: words of ids, and `attribute:value` pairs, which the API filters by.
class Query extends EventTarget {
  text = '';
  #keys = new Set();

  set(text) {
    if (text !== this.text) {
      this.text = text;
      this.dispatchEvent(new Event('change'));
    }
  }

  /** An object that there is: its attributes can be asked for. Ids may hold colons too, so other pairs are words. */
  learn(object) {
    Object.keys(object.attributes).forEach(key => this.#keys.add(key));
  }

  /** Words and pairs; a value with spaces stands in quotation marks. */
  get #parts() {
    return (this.text.match(/[^\s:]+:"[^"]*"?|\S+/g) ?? []).map(part => part.replace(/^([^\s:]+:)"([^"]*)"?$/, '$1$2'));
  }

  #isFilter(part) {
    const colon = part.indexOf(':');
    return colon > 0 && colon < part.length - 1 && this.#keys.has(part.slice(0, colon));
  }

  /** attribute:value, all of which must hold. */
  get filters() {
    return this.#parts.filter(part => this.#isFilter(part));
  }

  get #words() {
    return this.#parts.filter(part => !this.#isFilter(part)).map(part => part.toLowerCase());
  }

  /** Adds the pair, or takes it away. */
  toggle(filter) {
    const parts = this.#parts;
    const left = parts.includes(filter) ? parts.filter(part => part !== filter) : [...parts, filter];
    this.set(left.map(part => (/\s/.test(part) ? part.replace(':', ':"') + '"' : part)).join(' '));
  }

  matches(object) {
    return (
      this.#words.every(word => object.objectId.toLowerCase().includes(word)) &&
      this.filters.every(filter => object.attributes[filter.slice(0, filter.indexOf(':'))] === filter.slice(filter.indexOf(':') + 1))
    );
  }
}

export const query = new Query();
