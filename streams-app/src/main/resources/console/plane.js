// A canvas with points that move softly; zoom and pan by pointer, wheel and touch. Photos where there is room, dots elsewhere.
const THUMB = 44;
const GAP = 3;
const DOT = 4;
const MOVE_MS = 700;
const GLOW_MS = 1600;
const IMAGES = 400; // kept
const LOADING = 4; // at a time
const MARGIN = 40;
const REACH = 14;
const FARTHEST = 200;

const cell = (x, y) => `${Math.floor(x / THUMB)},${Math.floor(y / THUMB)}`;
const ease = t => 1 - (1 - t) ** 3;

export class Plane {
  #canvas;
  #on;
  #points = new Map(); // id to { objectId, lastImageId, x, y: where it goes; fromX, fromY, began, glow }
  #images = new Map(); // address to { image, state }, those used last at the end
  #loading = 0;
  #view = { scale: 1, x: 0, y: 0 }; // of the plane's unit in pixels; the plane's point in the middle
  #own = false; // moved by the user: not fitted any more
  #frame;
  #pointers = new Map();
  #dragged = 0;
  #shown = []; // points as drawn: { point, x, y, photo }
  #size;
  #colours;

  /** on: thumbnail(point) = address; hover(point or nothing, x, y); choose(point); still() = no movement wanted. */
  constructor(canvas, on) {
    this.#canvas = canvas;
    this.#on = on;
    this.#size = new ResizeObserver(() => this.#resized());
    this.#size.observe(canvas);
    canvas.addEventListener('pointerdown', event => this.#down(event));
    canvas.addEventListener('pointermove', event => this.#moved(event));
    canvas.addEventListener('pointerup', event => this.#up(event));
    canvas.addEventListener('pointercancel', event => this.#pointers.delete(event.pointerId));
    canvas.addEventListener('pointerleave', () => this.#on.hover());
    canvas.addEventListener('wheel', event => this.#wheel(event), { passive: false });
    this.themed = () => {
      this.#colours = undefined;
      this.draw();
    };
    this.system = matchMedia('(prefers-color-scheme: dark)');
    this.system.addEventListener('change', this.themed);
    addEventListener('theme', this.themed);
  }

  get size() {
    return this.#points.size;
  }

  ids() {
    return [...this.#points.keys()].sort();
  }

  /** These and no others; those that were there move. keep: others may be objects that were not asked for, and stay. */
  points(list, keep) {
    const ids = new Set(list.map(each => each.objectId));
    for (const id of keep ? [] : [...this.#points.keys()]) {
      ids.has(id) || this.#points.delete(id);
    }
    list.forEach(each => this.#put(each, false));
    if (!this.#own) {
      this.fit();
    }
    this.draw();
  }

  move(point) {
    this.#put(point, true);
    this.draw();
  }

  remove(objectId) {
    this.#points.delete(objectId);
    this.draw();
  }

  #put(point, changed) {
    const now = performance.now();
    const known = this.#points.get(point.objectId);
    const at = known ? this.#at(known, now) : point;
    const still = this.#on.still() || (known && known.x === point.x && known.y === point.y);
    this.#points.set(point.objectId, {
      ...point,
      picture: known?.picture,
      fromX: still ? point.x : at.x,
      fromY: still ? point.y : at.y,
      began: now,
      glow: changed ? now : (known?.glow ?? -Infinity),
    });
  }

  #at(point, now) {
    const t = ease(Math.min(1, (now - point.began) / MOVE_MS));
    return { x: point.fromX + (point.x - point.fromX) * t, y: point.fromY + (point.y - point.fromY) * t };
  }

  fit() {
    this.#own = false;
    const all = [...this.#points.values()];
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (!all.length || !width) {
      return;
    }
    const [left, right, bottom, top] = [
      Math.min(...all.map(p => p.x)),
      Math.max(...all.map(p => p.x)),
      Math.min(...all.map(p => p.y)),
      Math.max(...all.map(p => p.y)),
    ];
    const scale = Math.min((width - 2 * MARGIN) / Math.max(right - left, 1e-6), (height - 2 * MARGIN) / Math.max(top - bottom, 1e-6), 1e5);
    this.#view = { scale, x: (left + right) / 2, y: (top + bottom) / 2 };
    this.fitted = scale;
    this.draw();
  }

  zoom(by, x = this.#canvas.clientWidth / 2, y = this.#canvas.clientHeight / 2) {
    const view = this.#view;
    const scale = Math.min(Math.max(view.scale * by, this.fitted / 4), this.fitted * FARTHEST);
    const dx = x - this.#canvas.clientWidth / 2;
    const dy = y - this.#canvas.clientHeight / 2;
    this.#view = { scale, x: view.x + dx / view.scale - dx / scale, y: view.y - dy / view.scale + dy / scale };
    this.#own = true;
    this.draw();
  }

  pan(dx, dy) {
    this.#view = { ...this.#view, x: this.#view.x - dx / this.#view.scale, y: this.#view.y + dy / this.#view.scale };
    this.#own = true;
    this.draw();
  }

  #resized() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    if (!this.#own) {
      this.fit();
    }
    this.#render(); // at once: a resized canvas is empty
  }

  draw() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#render();
    });
  }

  #render() {
    const context = this.#canvas.getContext('2d');
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const now = performance.now();
    this.#colours ??= this.#theme();
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    let moving = false;
    const cells = new Map();
    const inside = [];
    for (const point of this.#points.values()) {
      const { x: px, y: py } = this.#at(point, now);
      const x = width / 2 + (px - this.#view.x) * this.#view.scale;
      const y = height / 2 - (py - this.#view.y) * this.#view.scale;
      if (x > -THUMB && x < width + THUMB && y > -THUMB && y < height + THUMB) {
        inside.push({ point, x, y, photo: false });
      }
      moving ||= now - point.glow < GLOW_MS || (now - point.began < MOVE_MS && (point.fromX !== point.x || point.fromY !== point.y));
    }
    // Room is given in the order of ids, so that photos do not come and go while others move.
    inside.sort((a, b) => (a.point.objectId < b.point.objectId ? -1 : 1));
    for (const each of inside) {
      each.photo = this.#isFree(cells, each);
      each.photo && cells.set(cell(each.x, each.y), each);
    }
    this.#shown = inside;
    inside.filter(each => !each.photo).forEach(each => this.#dot(context, each, now));
    inside.filter(each => each.photo).forEach(each => this.#thumb(context, each, now));
    if (moving) {
      this.draw();
    }
  }

  /** Whether a photo there would cover no other; a cell, as large as a photo, holds the middle of one at most. */
  #isFree(cells, { x, y }) {
    for (const dx of [-THUMB, 0, THUMB]) {
      for (const dy of [-THUMB, 0, THUMB]) {
        const other = cells.get(cell(x + dx, y + dy));
        if (other && Math.abs(other.x - x) < THUMB + GAP && Math.abs(other.y - y) < THUMB + GAP) {
          return false;
        }
      }
    }
    return true;
  }

  #dot(context, { point, x, y }, now) {
    this.#glow(context, x, y, DOT + 4, now - point.glow);
    context.beginPath();
    context.arc(x, y, DOT, 0, 2 * Math.PI);
    context.fillStyle = this.#colours.dot;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = this.#colours.surface;
    context.stroke();
  }

  #thumb(context, each, now) {
    const { point, x, y } = each;
    const picture = this.#image(point);
    if (!picture) {
      this.#dot(context, each, now);
      return;
    }
    const half = THUMB / 2;
    this.#glow(context, x, y, half + 4, now - point.glow);
    context.save();
    context.beginPath();
    context.roundRect(x - half, y - half, THUMB, THUMB, 7);
    context.clip();
    const side = Math.min(picture.naturalWidth, picture.naturalHeight);
    context.drawImage(
      picture,
      (picture.naturalWidth - side) / 2,
      (picture.naturalHeight - side) / 2,
      side,
      side,
      x - half,
      y - half,
      THUMB,
      THUMB,
    );
    context.restore();
    context.beginPath();
    context.roundRect(x - half, y - half, THUMB, THUMB, 7);
    context.lineWidth = 1;
    context.strokeStyle = this.#colours.line;
    context.stroke();
  }

  #glow(context, x, y, radius, age) {
    if (age < GLOW_MS) {
      context.beginPath();
      context.arc(x, y, radius * (1 + (0.25 * age) / GLOW_MS), 0, 2 * Math.PI);
      context.globalAlpha = 0.45 * (1 - age / GLOW_MS);
      context.fillStyle = this.#colours.dot;
      context.fill();
      context.globalAlpha = 1;
    }
  }

  /** The point's photo, or, while the newest is on its way, the one before it. */
  #image(point) {
    const address = this.#on.thumbnail(point);
    let entry = this.#images.get(address);
    if (!entry && this.#loading < LOADING) {
      entry = { image: new Image(), state: 'loading' };
      this.#loading++;
      const done = state => () => {
        entry.state = state;
        this.#loading--;
        if (state === 'there') {
          point.picture = entry.image;
          const current = this.#points.get(point.objectId);
          current && (current.picture = entry.image);
        }
        this.draw();
      };
      entry.image.onload = done('there');
      entry.image.onerror = done('missing');
      entry.image.src = address;
    }
    if (entry) {
      this.#images.delete(address);
      this.#images.set(address, entry);
      if (this.#images.size > IMAGES) {
        this.#images.delete(this.#images.keys().next().value);
      }
    }
    return entry?.state === 'there' ? entry.image : point.picture;
  }

  #theme() {
    const style = name => {
      this.#canvas.style.color = `var(${name})`;
      return getComputedStyle(this.#canvas).color;
    };
    return { dot: style('--accent'), surface: style('--surface'), line: style('--line') };
  }

  #hit(event) {
    const box = this.#canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    let nearest;
    let least = Infinity;
    for (const each of this.#shown) {
      const far = Math.hypot(each.x - x, each.y - y);
      const reach = each.photo ? THUMB / 2 : REACH;
      if (far < least && Math.abs(each.x - x) <= reach && Math.abs(each.y - y) <= reach) {
        least = far;
        nearest = each;
      }
    }
    return nearest;
  }

  #down(event) {
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, event);
    this.#dragged = this.#pointers.size > 1 ? Infinity : 0;
  }

  #moved(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) {
      const hit = this.#hit(event);
      this.#canvas.style.cursor = hit ? 'pointer' : 'grab';
      this.#on.hover(hit?.point, hit?.x, hit?.y);
      return;
    }
    const dx = event.clientX - before.clientX;
    const dy = event.clientY - before.clientY;
    this.#dragged += Math.abs(dx) + Math.abs(dy);
    if (this.#pointers.size === 2) {
      const other = [...this.#pointers.values()].find(each => each.pointerId !== event.pointerId);
      const apart = each => Math.hypot(each.clientX - other.clientX, each.clientY - other.clientY);
      const box = this.#canvas.getBoundingClientRect();
      this.zoom(
        apart(event) / Math.max(1, apart(before)),
        (event.clientX + other.clientX) / 2 - box.left,
        (event.clientY + other.clientY) / 2 - box.top,
      );
    }
    if (this.#dragged > 4) {
      this.#on.hover();
      this.#canvas.style.cursor = 'grabbing';
      this.pan(dx / this.#pointers.size, dy / this.#pointers.size);
    }
    this.#pointers.set(event.pointerId, event);
  }

  #up(event) {
    this.#pointers.delete(event.pointerId);
    const hit = this.#dragged <= 4 ? this.#hit(event) : undefined;
    if (hit) {
      this.#on.choose(hit.point);
    }
  }

  #wheel(event) {
    event.preventDefault();
    const box = this.#canvas.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY * 0.0016), event.clientX - box.left, event.clientY - box.top);
  }

  close() {
    cancelAnimationFrame(this.#frame);
    this.#frame = -1;
    this.#size.disconnect();
    this.system.removeEventListener('change', this.themed);
    removeEventListener('theme', this.themed);
  }
}
