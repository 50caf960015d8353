// How the instances fared in the last minutes: asked for every two seconds while the page is seen, kept beyond one view.
import { Resource, get } from './api.js';

const EVERY_MS = 2000;
const KEPT = 300; // ten minutes
const listeners = new Set();

export const samples = []; // { at, instances: Map of address to Stats }
export const instances = new Resource(signal => get(['instances'], {}, { signal }), changed);

let timer;

function changed() {
  if (instances.data && !instances.problem) {
    const seen = new Map(instances.data.instances.filter(each => each.stats).map(each => [each.address, each.stats]));
    samples.push({ at: Date.now(), instances: seen });
    samples.splice(0, Math.max(0, samples.length - KEPT));
  }
  listeners.forEach(listener => listener());
}

/** Begins; once for the page. */
export function watch() {
  const tick = () => document.hidden || instances.problem?.status === 401 || instances.refresh();
  clearInterval(timer);
  timer = setInterval(tick, EVERY_MS);
  tick();
}

/** Calls the listener after every answer, until the returned function is called. */
export function follow(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Images a second between two samples: the sum over the instances that both have and that did not start anew between them. */
export function rate(before, after, of) {
  let sum = 0;
  for (const [address, now] of after.instances) {
    const then = before.instances.get(address);
    const seconds = then ? (Date.parse(now.at) - Date.parse(then.at)) / 1000 : 0;
    const grown = then ? of(now) - of(then) : 0;
    if (seconds > 0 && grown >= 0) {
      sum += grown / seconds;
    }
  }
  return sum;
}
