// Where one looks. Kept per journey in this browser; moves are animated unless the person asked for less motion.
import { W, boxOf, heightOf, meets, sizeOf } from './geometry.js'
import { noteId } from './store.js'

const PAD = 56
const CLEAR = 64 // from the edge: a wire that is drawn nearer than 40 px to it moves the view
const PHONE = 500 // a view narrower than this
const READABLE = 0.5 // below this, text is too small to begin with
const LEGIBLE = 0.33 // below this, not even titles can be read (see lod in JourneyCanvas.vue)
const FEW = 120 // steps: longer journeys are looked at as a whole, as a drawing of their own
const BAR = 64 // the bar below
const MAP = { width: 198, height: 112 } // see MiniMap.vue
const NO_MAP = 720 // views this narrow have none

export function createCamera(flow, store, journey) {
  const { graph } = store
  const key = `journey-canvas:${journey}`
  const calm = matchMedia('(prefers-reduced-motion: reduce)')
  const ms = (full) => (calm.matches ? 0 : full)

  const size = () => flow.dimensions.value
  /** What of the stage nothing lies over: the bar below, and the map in its corner if that is to be kept free too. */
  function free(map) {
    const { width, height } = size(), pad = Math.min(PAD, width * 0.08)
    return { left: map ? MAP.width + 14 : pad, top: pad, right: width - pad, bottom: height - BAR - pad / 2 }
  }
  function fitted(box, most, map) {
    const { left, top, right, bottom } = free(map)
    const zoom = Math.max(Math.min(most, (right - left) / (box.right - box.left), (bottom - top) / (box.bottom - box.top)), 0.06)
    return { x: (left + right) / 2 - ((box.left + box.right) / 2) * zoom, y: (top + bottom) / 2 - ((box.top + box.bottom) / 2) * zoom, zoom }
  }
  /** All of it, clear of the map where something would lie behind it. */
  function whole(box, most = 1) {
    const view = fitted(box, most, false)
    return underMap(view) ? fitted(box, most, true) : view
  }
  /** How far what lies behind the map reaches below its upper edge, in pixels of the screen. */
  function underMap({ x, y, zoom }) {
    const { width, height } = size()
    if (width <= NO_MAP) return 0
    const bottom = height - (width <= 1100 ? 68 : 14)
    const map = { left: (0 - x) / zoom, right: (MAP.width + 14 - x) / zoom, top: (bottom - MAP.height - 8 - y) / zoom, bottom: (bottom + 8 - y) / zoom }
    const behind = [...graph.nodes.values(), ...graph.notes.values()].map((each) => boxOf([each])).filter((box) => meets(box, map))
    return Math.max(0, ...behind.map((box) => (box.bottom - map.top) * zoom))
  }
  const middleOfBox = (box, zoom) => {
    const { width, height } = size()
    return { x: width / 2 - ((box.left + box.right) / 2) * zoom, y: (height - 40) / 2 - ((box.top + box.bottom) / 2) * zoom, zoom }
  }
  const begun = (zoom) => {
    const begin = graph.nodes.get(graph.first()), pad = Math.min(PAD, size().width * 0.06)
    const view = { x: pad - begin.x * zoom, y: size().height / 2 - (begin.y + heightOf(begin) / 2) * zoom, zoom }
    const higher = underMap(view)
    return begin.y * zoom + view.y - higher >= CLEAR ? { ...view, y: view.y - higher } : view
  }

  /** Everything; asked again, its beginning where the titles of everything are too small to read. */
  function fit() {
    const box = graph.box()
    if (!box) return
    const all = whole(box), now = flow.viewport.value
    const asked = Math.hypot(now.x - all.x, now.y - all.y) < 2 && Math.abs(now.zoom - all.zoom) < 0.01
    flow.setViewport(asked && !legible(all) ? begun(READABLE) : all, { duration: ms(260) })
  }
  /** Everything if its titles can be read, or were not read before either; else its beginning. */
  function survey() {
    const box = graph.box()
    if (!box) return
    const all = whole(box)
    const near = !legible(all) && flow.viewport.value.zoom >= LEGIBLE
    flow.setViewport(near ? begun(READABLE) : all, { duration: ms(260) })
  }
  const legible = (view) => view.zoom >= LEGIBLE || !graph.nodes.size || graph.nodes.size > FEW
  /** Whether one sees all of it, in a view of this size. */
  function seesAll({ width, height }) {
    const box = graph.box(), { x, y, zoom } = flow.viewport.value
    return box && box.left * zoom + x >= 0 && box.right * zoom + x <= width && box.top * zoom + y >= 0 && box.bottom * zoom + y <= height
  }

  /** The first look: what one saw last time, all of it if it can be read so, else its beginning. */
  function open() {
    let last = null
    try { last = JSON.parse(localStorage.getItem(key)) } catch { /* kept by nobody: begin anew */ }
    const box = graph.box()
    if (!box) return flow.setViewport({ x: 0, y: 0, zoom: 1 })
    if (last && Number.isFinite(last.x + last.y + last.zoom)) return flow.setViewport(last)
    const view = whole(box)
    if (view.zoom >= READABLE || !graph.nodes.size) return flow.setViewport(view)
    flow.setViewport(begun(size().width < PHONE ? 0.64 : 0.8))
  }

  function keep() {
    try { localStorage.setItem(key, JSON.stringify(flow.getViewport())) } catch { /* a browser that keeps nothing */ }
  }

  function zoomTo(zoom) { flow.zoomTo(zoom, { duration: ms(160) }) }
  function zoomBy(factor) { zoomTo(Math.min(Math.max(flow.viewport.value.zoom * factor, 0.06), 2)) }
  function panBy(dx, dy) {
    const { x, y, zoom } = flow.viewport.value
    flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: ms(120) })
  }

  /** Bring a card to the middle, close enough to read. */
  function goTo(id) {
    const node = graph.nodes.get(id)
    if (!node) return
    const zoom = Math.max(flow.viewport.value.zoom, 0.75)
    const box = { left: node.x, right: node.x + W, top: node.y, bottom: node.y + heightOf(node) }
    flow.setViewport(middleOfBox(box, zoom), { duration: ms(260) })
  }

  /** Move only as far as it takes to see the whole card, or note. */
  function reveal(id) {
    const card = graph.nodes.get(id) ?? graph.notes.get(noteId(id))
    if (!card) return
    const { x, y, zoom } = flow.viewport.value, { width, height } = size(), own = sizeOf(card)
    const left = card.x * zoom + x, top = card.y * zoom + y
    const right = left + own.width * zoom, bottom = top + own.height * zoom
    const pad = Math.min(CLEAR, Math.max(12, (width - own.width * zoom) / 2))
    const dx = left < pad ? pad - left : Math.min(0, width - pad - right)
    const over = Math.min(CLEAR, Math.max(12, height - BAR - 12 - (bottom - top))) // a low view shows its top at least
    const dy = top < over ? over - top : Math.min(0, Math.max(height - BAR - 12 - bottom, over - top))
    if (dx || dy) flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: ms(160) })
  }

  /** The middle of what is seen, in the journey's own measure. */
  function middle() {
    const { x, y, zoom } = flow.viewport.value, { width, height } = size()
    return { x: (width / 2 - x) / zoom, y: (height / 2 - y) / zoom }
  }

  /** The view got lower or higher: what stood in its middle still does. */
  function keepMiddle(before, now) {
    const { x, y, zoom } = flow.viewport.value
    flow.setViewport({ x, y: y + (now.height - before.height) / 2, zoom })
  }

  return { fit, survey, keepMiddle, seesAll, open, keep, zoomTo, zoomBy, panBy, goTo, reveal, middle, ms }
}
