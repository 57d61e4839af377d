// Draws the whole journey as blocks on a 2D canvas: for the minimap, and for long journeys seen from far.
import { W, heightOf, inputY, portY } from './geometry.js'

const TONES = ['Triggers', 'Logic', 'Timing', 'Gates', 'Channels', 'Actions']

export function paint(element, { width, height, x, y, zoom }, store, { wires = false } = {}) {
  const dense = devicePixelRatio || 1
  if (element.width !== Math.round(width * dense) || element.height !== Math.round(height * dense)) {
    element.width = Math.round(width * dense)
    element.height = Math.round(height * dense)
  }
  const pen = element.getContext('2d'), style = getComputedStyle(element)
  const colours = Object.fromEntries(TONES.map((tone) => [tone, style.getPropertyValue(`--jc-${tone}`)]))
  const { graph, picked, overlay } = store
  pen.setTransform(dense, 0, 0, dense, 0, 0)
  pen.clearRect(0, 0, width, height)
  if (wires) {
    pen.strokeStyle = style.getPropertyValue('--jc-wire')
    pen.lineWidth = 1
    pen.beginPath()
    for (const edge of graph.edges.values()) {
      const from = graph.nodes.get(edge.source), to = graph.nodes.get(edge.target)
      if (!from || !to) continue
      const ax = (from.x + W) * zoom + x, ay = (from.y + portY(from, edge.port)) * zoom + y
      const bx = to.x * zoom + x, by = (to.y + inputY) * zoom + y
      if (Math.max(ax, bx) < 0 || Math.min(ax, bx) > width || Math.max(ay, by) < 0 || Math.min(ay, by) > height) continue
      pen.moveTo(ax, ay)
      pen.bezierCurveTo((ax + bx) / 2, ay, (ax + bx) / 2, by, bx, by)
    }
    pen.stroke()
  }
  pen.fillStyle = style.getPropertyValue('--jc-note')
  for (const note of graph.notes.values()) pen.fillRect(note.x * zoom + x, note.y * zoom + y, note.w * zoom, note.h * zoom)
  for (const node of graph.nodes.values()) {
    const left = node.x * zoom + x, top = node.y * zoom + y, w = Math.max(W * zoom, 2), h = Math.max(heightOf(node) * zoom, 1.5)
    if (left > width || top > height || left + w < 0 || top + h < 0) continue
    pen.globalAlpha = overlay.value?.nodes?.[node.id] === 'dim' ? 0.25 : 1
    pen.fillStyle = colours[node.group] || colours.Actions
    pen.beginPath()
    pen.roundRect(left, top, w, h, Math.min(w / 8, 4))
    pen.fill()
    if (picked.has(node.id)) {
      pen.strokeStyle = style.getPropertyValue('--jc-accent')
      pen.lineWidth = 2
      pen.strokeRect(left - 2, top - 2, w + 4, h + 4)
    }
  }
  pen.globalAlpha = 1
}

/** Calls back when the page turns dark or light. */
export function onLight(draw) {
  const observer = new MutationObserver(draw)
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] })
  return () => observer.disconnect()
}
