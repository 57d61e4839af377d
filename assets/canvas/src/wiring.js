// Wires drawn by hand, steps dropped from the palette, and the two buttons on a wire.
import { computed, ref } from 'vue'
import { HEAD, W } from './geometry.js'

export function createWiring({ flow, store, commands, open }) {
  const { graph, kinds, pickedEdges } = store

  // ── the buttons on a wire stand where its middle is; shown for the one under the pointer, or the one picked ──
  const places = new Map()
  const hovered = ref(null), moves = ref(0)
  let leaving
  const shown = computed(() => {
    const id = hovered.value ?? (pickedEdges.size === 1 ? [...pickedEdges][0] : null)
    return id && graph.edges.has(id) && store.state.shape >= 0 ? id : null
  })
  const tools = {
    shown,
    place(id, at) {
      places.set(id, at)
      if (id === shown.value) moves.value++
    },
    enter(id) { clearTimeout(leaving); hovered.value = id },
    stay() { clearTimeout(leaving) },
    leave() { clearTimeout(leaving); leaving = setTimeout(() => (hovered.value = null), 260) },
    style({ x, y, zoom }) {
      moves.value
      const [left, top] = places.get(shown.value) ?? [0, 0]
      return { transform: `translate(${x + left * zoom}px, ${y + top * zoom}px) translate(-50%, -50%)` }
    },
  }

  // ── a wire pulled out of a port ──
  let from = null, arrived = false
  const began = ({ nodeId, handleId, handleType }) => {
    arrived = false
    from = handleType === 'source' ? { node: nodeId, port: handleId } : null
  }
  const connected = (wire) => {
    arrived = true
    commands.connect(wire.source, wire.sourceHandle, wire.target)
  }
  function ended(event) {
    const start = from
    from = null
    if (!start || !event) return
    setTimeout(() => {
      if (arrived) return
      const point = event.changedTouches?.[0] ?? event
      const under = document.elementFromPoint(point.clientX, point.clientY)
      const card = under?.closest?.('[data-node]')?.dataset.node
      if (card) return card !== start.node && commands.connect(start.node, start.port, card)
      if (under?.closest?.('.vue-flow__pane')) open.fromWire(point, start)
    })
  }

  // ── a step dragged in ──
  let dragged = null
  const target = ref(null)
  const wireAt = (event) => document.elementsFromPoint(event.clientX, event.clientY).map((each) => each.closest?.('[data-edge]')?.dataset.edge).find(Boolean)
  function dragging(kind) {
    dragged = kind
    if (!kind) mark(null)
  }
  function mark(id) {
    if (target.value === id) return
    for (const each of [target.value, id]) {
      const edge = each && flow.findEdge(each)
      if (edge) edge.class = each === id ? 'is-target' : ''
    }
    target.value = id
  }
  const between = (kind) => kinds[kind]?.has_input && kinds[kind]?.has_output
  const over = (event) => mark(dragged && between(dragged) ? wireAt(event) ?? null : null)
  const drop = (event) => put(event.dataTransfer.getData('application/x-journey-step'), event)
  /** Put a step down at a point of the screen. */
  function put(kind, event) {
    mark(null)
    if (!kinds[kind] || !document.elementFromPoint(event.clientX, event.clientY)?.closest('[data-stage]')) return
    const at = flow.screenToFlowCoordinate({ x: event.clientX, y: event.clientY }), edge = between(kind) && wireAt(event)
    commands.add(kind, { x: at.x - W / 2, y: at.y - HEAD / 2 }, edge ? { on_edge: edge } : {})
  }

  return { tools, began, connected, ended, dragging, over, drop, put }
}
