// The letter as it looks, with its blocks to take hold of. Nothing in the frame runs: it is read, never asked.
const MARK = "sj-block-";
const EDGE = 70; // pixels from the edge of what is seen, where carrying scrolls
const KIND = "application/x-sojourn-block";

export default {
  template: `
    <div class="st-stage" :class="{ 'is-phone': phone, 'is-list': !measured, 'is-stale': stale, 'is-carrying': carrying }">
      <div class="st-paper" ref="paper" @dragover="over" @drop="drop" @dragleave="left">
        <div class="st-frames" :style="{ height: measured ? height + 'px' : '0' }" inert>
          <iframe v-for="n in [0, 1]" :key="n" ref="frames" sandbox="allow-same-origin" title="The letter"
            :class="{ 'is-front': n === front && measured }" tabindex="-1" @load="loaded(n)"></iframe>
        </div>
        <div v-if="editable" class="st-blocks" role="listbox" aria-label="Blocks of the letter" ref="list" @keydown="key">
          <div v-for="(each, n) in blocks" :key="each.id" role="option" class="st-block" :data-block="each.id"
            :class="{ 'is-picked': each.id === picked, 'is-away': box(each.id).away, 'is-coming': box(each.id).coming, 'is-carried': each.id === carried, 'is-faulty': each.fault }"
            :style="measured ? place(box(each.id)) : {}"
            :aria-selected="each.id === picked ? 'true' : 'false'" :aria-label="name(each, n)"
            :tabindex="each.id === picked || (!known(picked) && n === 0) ? 0 : -1" :draggable="!readonly && !lone"
            @click="pick(each.id, true)" @dragstart="begin($event, each.id)" @dragend="end">
            <span class="st-tag" aria-hidden="true"><i class="q-icon material-icons" aria-hidden="true">{{ each.icon }}</i>{{ each.title }}
              <i v-if="each.badge" class="q-icon material-icons" aria-hidden="true">{{ each.badge }}</i>
              <em v-if="box(each.id).away">not shown here</em></span>
          </div>
        </div>
        <div v-if="editable && known(picked) && !readonly && !lone" class="st-deeds" role="toolbar" aria-label="The picked block"
          :style="{ top: (measured ? box(picked).top : 0) + 'px' }">
          <span class="st-handle" title="Carry it to its place" aria-hidden="true" data-handle
            @pointerdown.prevent="grip" @pointermove="pull" @pointerup="let_go" @pointercancel="end">
            <i class="q-icon material-icons">drag_indicator</i></span>
          <button v-for="deed in deeds" :key="deed.key" type="button" :aria-label="deed.label" :title="deed.label"
            :disabled="deed.key === 'up' && at(picked) === 0 || deed.key === 'down' && at(picked) === blocks.length - 1"
            :data-deed="deed.key" @click="$emit('deed', { deed: deed.key, id: picked })">
            <i class="q-icon material-icons" aria-hidden="true">{{ deed.icon }}</i></button>
        </div>
        <template v-if="editable && !readonly && !lone && measured && !carrying">
          <button v-for="n in gaps" :key="'gap' + n" type="button" class="st-gap" :class="{ 'is-on': n === gap }"
            :style="{ top: line(n) + 'px' }" :aria-label="'Put the next block in place ' + (n + 1)" :data-gap="n"
            @click="$emit('gap', { at: n })"><i class="q-icon material-icons" aria-hidden="true">add</i></button>
        </template>
        <div v-if="carrying && aim !== null" class="st-line" :style="{ top: line(aim) + 'px' }"></div>
      </div>
      <div class="st-said" role="status" aria-live="polite">{{ said }}</div>
    </div>`,
  props: {
    blocks: { type: Array, default: () => [] },
    src: { type: String, default: "" },
    drawn: { type: Array, default: () => [] }, // the blocks the letter had when its picture was taken
    picked: { type: String, default: "" },
    phone: Boolean,
    readonly: Boolean,
    lone: Boolean, // a block that is written alone
    editable: { type: Boolean, default: true },
    stale: Boolean,
    gap: { type: Number, default: -1 },
    said: { type: String, default: "" },
  },
  data: () => ({
    front: 0, height: 0, boxes: {}, there: [], measured: false, carried: "", carrying: false, aim: null, focusing: false,
    deeds: [
      { key: "up", label: "Move up", icon: "arrow_upward" },
      { key: "down", label: "Move down", icon: "arrow_downward" },
      { key: "duplicate", label: "Duplicate", icon: "content_copy" },
      { key: "remove", label: "Delete", icon: "delete" },
    ],
  }),
  computed: {
    gaps() { return [...Array(this.blocks.length + 1).keys()]; },
  },
  watch: {
    src() { this.fetch(); },
    phone() { this.$nextTick(() => this.measure()); },
    picked() { this.$nextTick(() => { this.hear(); this.show(); }); },
    blocks() { if (this.focusing) this.$nextTick(() => this.focus()); },
  },
  mounted() {
    this.watcher = new ResizeObserver(() => this.measure());
    this.watcher.observe(this.$refs.paper);
    this.starting = (event) => { if (event.dataTransfer?.types.includes(KIND)) this.carrying = true; };
    this.ending = () => this.end();
    addEventListener("dragstart", this.starting);
    addEventListener("dragend", this.ending);
    this.fetch();
  },
  beforeUnmount() {
    this.watcher.disconnect();
    removeEventListener("dragstart", this.starting);
    removeEventListener("dragend", this.ending);
  },
  methods: {
    // ── the picture: the next one loads behind the one that is seen ──
    fetch() {
      if (!this.src) return;
      this.spare = this.measured ? 1 - this.front : this.front;
      this.coming = this.drawn;
      this.$refs.frames[this.spare].src = this.src;
    },
    loaded(n) {
      const body = this.inside(n)?.body;
      if (n !== this.spare || !body?.firstElementChild) return;
      this.front = n;
      this.spare = null;
      this.there = this.coming;
      this.measured = true;
      this.watcher.disconnect();
      this.watcher.observe(this.$refs.paper);
      this.watcher.observe(body);
      this.measure();
      this.$nextTick(() => this.show());
    },
    inside(n) {
      try { return this.$refs.frames?.[n]?.contentDocument; } catch { return null; }
    },
    measure() {
      const page = this.measured && this.inside(this.front);
      if (!page?.body) return;
      const boxes = {};
      for (const part of page.querySelectorAll(`[class*="${MARK}"]`)) {
        const key = [...part.classList].find((name) => name.startsWith(MARK))?.slice(MARK.length);
        const { top, bottom } = part.getBoundingClientRect(), known = key && boxes[key];
        if (!key || bottom <= top) continue;
        boxes[key] = { top: known ? Math.min(known.top, top) : top, bottom: known ? Math.max(known.bottom, bottom) : bottom };
      }
      for (const each of Object.values(boxes)) each.height = each.bottom - each.top;
      this.boxes = boxes;
      this.height = Math.max(160, Math.ceil(page.body.getBoundingClientRect().height));
    },
    box(key) {
      const found = this.boxes[key];
      if (found && found.height > 2) return found;
      const shown = this.blocks.slice(0, this.at(key)).map((each) => this.boxes[each.id]).filter(Boolean);
      const top = found ? found.top : shown.reduce((most, each) => Math.max(most, each.top + each.height), 0);
      const before = this.blocks.slice(0, this.at(key)).reverse().findIndex((each) => this.boxes[each.id]);
      const coming = this.measured && !this.there.includes(key);
      return { top, height: 0, coming, away: this.measured && !coming, nth: before < 0 ? this.at(key) : before };
    },
    place({ top, height, away, nth }) {
      return away ? { top: `${top - 11}px`, left: `${8 + nth * 196}px` } : { top: `${top}px`, height: `${height}px` };
    },
    line(n) {
      if (!this.measured) {
        const rows = [...this.$refs.list.children];
        return rows[n]?.offsetTop ?? (rows.at(-1) ? rows.at(-1).offsetTop + rows.at(-1).offsetHeight : 0);
      }
      if (n < this.blocks.length) return this.box(this.blocks[n].id).top;
      const last = this.blocks.at(-1);
      return last ? this.box(last.id).top + this.box(last.id).height : 0;
    },

    // ── picking ──
    at(key) { return this.blocks.findIndex((each) => each.id === key); },
    known(key) { return this.at(key) >= 0; },
    name(each, n) {
      const away = this.box(each.id).away ? ", not shown here" : "";
      return `${each.title}, ${n + 1} of ${this.blocks.length}${each.words ? ": " + each.words : ""}${away}`;
    },
    pick(key, open) {
      this.focusing = true;
      if (key !== this.picked) this.hush();
      this.$emit("pick", { id: key, open: open && (this.picked === key || innerWidth >= 900) });
    },
    hush() { // what is typed before the form of another block has come would be lost with the form that goes
      this.waited = document.querySelector('[data-mark="block-form"]');
      this.waited?.toggleAttribute("inert", true);
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.hear(), 3000);
    },
    hear() {
      clearTimeout(this.waiting);
      this.waited?.removeAttribute("inert");
    },
    show() {
      const found = this.$refs.list?.querySelector(".is-picked");
      if (!found) return;
      if (this.focusing) found.focus({ preventScroll: true });
      const scroller = this.$el.closest(".st-scroll"), box = found.getBoundingClientRect(), seen = scroller?.getBoundingClientRect();
      if (seen && (box.bottom < seen.top + 40 || box.top > seen.bottom - 40)) {
        scroller.scrollBy({ top: box.top - seen.top - 90, behavior: "smooth" });
      }
    },
    focus() { this.$refs.list?.querySelector(".is-picked")?.focus({ preventScroll: true }); },
    key(event) {
      const here = event.target.closest("[data-block]")?.dataset.block ?? this.picked; // the answer to a click may be on its way
      const at = this.at(here), move = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (move && event.altKey && !this.readonly) {
        this.focusing = true;
        this.$emit("deed", { deed: move < 0 ? "up" : "down", id: here });
      } else if (move) {
        const next = this.blocks[Math.max(0, Math.min(this.blocks.length - 1, at + move))];
        if (next) this.pick(next.id, false);
      } else if (event.key === "Enter") {
        this.$emit("pick", { id: here || this.blocks[0]?.id || "", open: true, enter: true });
      } else if (["Delete", "Backspace"].includes(event.key) && at >= 0 && !this.readonly) {
        this.focusing = true;
        this.$emit("deed", { deed: "remove", id: here });
      } else if (event.key.toLowerCase() === "d" && (event.ctrlKey || event.metaKey) && at >= 0 && !this.readonly) {
        this.$emit("deed", { deed: "duplicate", id: here });
      } else return;
      event.preventDefault();
    },

    // ── carrying ──
    begin(event, key) {
      this.carried = key;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData(KIND, JSON.stringify({ id: key }));
      this.carrying = true;
    },
    over(event) {
      if (this.readonly || !event.dataTransfer.types.includes(KIND)) return;
      event.preventDefault();
      this.carrying = true;
      this.point(event.clientY);
    },
    point(at) {
      const y = at - this.$refs.paper.getBoundingClientRect().top;
      const middles = this.blocks.map((each, n) => (this.line(n) + this.line(n + 1)) / 2);
      const found = middles.findIndex((middle) => y < middle);
      this.aim = found < 0 ? this.blocks.length : found;
    },
    left(event) { if (!this.$refs.paper.contains(event.relatedTarget)) this.aim = null; },
    drop(event) {
      const said = event.dataTransfer.getData(KIND);
      if (!said || this.aim === null) return this.end();
      event.preventDefault();
      const what = JSON.parse(said);
      if (what.id) this.put_down(what.id);
      else this.$emit("put", { ...what, at: this.aim });
      this.end();
    },
    put_down(key) {
      const from = this.at(key);
      this.$emit("move", { id: key, to: this.aim > from ? this.aim - 1 : this.aim });
    },
    // ── by its handle, which fingers and pens can do, too ──
    grip(event) {
      event.target.setPointerCapture(event.pointerId);
      this.gripped = this.carried = this.picked;
      this.carrying = true;
      this.point(event.clientY);
    },
    pull(event) {
      if (!this.gripped) return;
      this.point(event.clientY);
      const seen = this.$el.closest(".st-scroll")?.getBoundingClientRect();
      if (!seen) return;
      this.pulled = event.clientY;
      const near = Math.min(EDGE, seen.height / 4);
      this.speed = Math.min(0, event.clientY - seen.top - near) || Math.max(0, event.clientY - seen.bottom + near);
      if (this.speed && !this.rolling) this.roll();
    },
    roll() {
      this.rolling = Boolean(this.gripped && this.speed);
      if (!this.rolling) return;
      this.$el.closest(".st-scroll").scrollBy(0, this.speed / 6);
      this.point(this.pulled);
      requestAnimationFrame(() => this.roll());
    },
    let_go() {
      if (this.gripped && this.aim !== null) this.put_down(this.gripped);
      this.end();
    },
    end() { this.gripped = this.carried = ""; this.carrying = false; this.aim = null; this.speed = 0; },
  },
};
