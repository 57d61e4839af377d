// Where one looks. Kept per journey in this browser; moves are animated unless the person asked for less motion.
import { W, heightOf } from './geometry.js'

const PAD = 56
const CLEAR = 64 // from the edge: a wire that is drawn nearer than 40 px to it moves the view
const PHONE = 500 // a view narrower than this
const READABLE = 0.5 // below this, text is too small to begin with

export function createCamera(flow, store, journey) {
  const { graph } = store
  const key = `journey-canvas:${journey}`
  const calm = matchMedia('(prefers-reduced-motion: reduce)')
  const ms = (full) => (calm.matches ? 0 : full)

  const size = () => flow.dimensions.value
  function fitZoom(box, most = 1) {
    const { width, height } = size(), pad = Math.min(PAD, width * 0.08)
    return Math.min(most, (width - 2 * pad) / (box.right - box.left), (height - 2 * pad - 40) / (box.bottom - box.top))
  }
  function centred(box, zoom) {
    const { width, height } = size()
    return { x: width / 2 - ((box.left + box.right) / 2) * zoom, y: (height - 40) / 2 - ((box.top + box.bottom) / 2) * zoom, zoom }
  }

  function fit() {
    const box = graph.box()
    if (box) flow.setViewport(centred(box, Math.max(fitZoom(box), 0.06)), { duration: ms(260) })
  }

  /** The first look: what one saw last time, all of it if it can be read so, else its beginning. */
  function open() {
    let last = null
    try { last = JSON.parse(localStorage.getItem(key)) } catch { /* kept by nobody: begin anew */ }
    const box = graph.box()
    if (!box) return flow.setViewport({ x: 0, y: 0, zoom: 1 })
    if (last && Number.isFinite(last.x + last.y + last.zoom)) return flow.setViewport(last)
    const zoom = fitZoom(box)
    if (zoom >= READABLE) return flow.setViewport(centred(box, zoom))
    const begin = graph.nodes.get(graph.first()), near = size().width < PHONE ? 0.64 : 0.8
    const pad = Math.min(PAD, size().width * 0.06)
    flow.setViewport({ x: pad - begin.x * near, y: size().height / 2 - (begin.y + heightOf(begin) / 2) * near, zoom: near })
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

  /** Bring a card to the middle, close enough to read; on a phone near the top, as panels come up from below. */
  function goTo(id) {
    const node = graph.nodes.get(id)
    if (!node) return
    const zoom = Math.max(flow.viewport.value.zoom, 0.75)
    const box = { left: node.x, right: node.x + W, top: node.y, bottom: node.y + heightOf(node) }
    const view = centred(box, zoom)
    if (size().width < PHONE) view.y = CLEAR - node.y * zoom
    flow.setViewport(view, { duration: ms(260) })
  }

  /** Move only as far as it takes to see the whole card. */
  function reveal(id) {
    const node = graph.nodes.get(id)
    if (!node) return
    const { x, y, zoom } = flow.viewport.value, { width, height } = size()
    const left = node.x * zoom + x, top = node.y * zoom + y
    const right = left + W * zoom, bottom = top + heightOf(node) * zoom
    const pad = Math.min(CLEAR, Math.max(12, (width - W * zoom) / 2))
    const dx = left < pad ? pad - left : Math.min(0, width - pad - right)
    const dy = top < CLEAR ? CLEAR - top : Math.min(0, height - CLEAR - 12 - bottom)
    if (dx || dy) flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: ms(160) })
  }

  /** The middle of what is seen, in the journey's own measure. */
  function middle() {
    const { x, y, zoom } = flow.viewport.value, { width, height } = size()
    return { x: (width / 2 - x) / zoom, y: (height / 2 - y) / zoom }
  }

  return { fit, open, keep, zoomTo, zoomBy, panBy, goTo, reveal, middle, ms }
}
