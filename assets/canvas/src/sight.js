// Gives Vue Flow only what is in sight, with a margin: a frame of panning then costs one transform, however long the
// journey is. Small journeys are given whole. Far out, long journeys are drawn as blocks instead (FarView.vue).
import { markRaw } from 'vue'
import { asNote } from './store.js'
import { W, boxOf, handleBounds, heightOf, holds, meets, sizeOf } from './geometry.js'

const WHOLE = 120 // steps
const FAR = 0.34 // zoom
const MARGIN = 420 // screen pixels

export function createSight(flow, store) {
  const { graph, state, kinds, picked, pickedEdges, overlay } = store
  let given = { nodes: new Map(), edges: new Map() } // id → the record it was made from
  let window_ = null, zoomed = 0

  const seen = (margin) => {
    const { x, y, zoom } = flow.viewport.value, { width, height } = flow.dimensions.value
    return { left: (-x - margin) / zoom, top: (-y - margin) / zoom, right: (width - x + margin) / zoom, bottom: (height - y + margin) / zoom }
  }

  /** Called on every move of the view: nearly always answered by one comparison. */
  function moved() {
    if (!state.loaded) return
    const far = state.count > WHOLE && flow.viewport.value.zoom < FAR
    if (far === state.far && (state.count <= WHOLE || far)) return
    const zoom = flow.viewport.value.zoom
    if (far === state.far && window_ && holds(window_, seen(0)) && zoom < zoomed * 1.7) return
    state.far = far
    refresh()
  }

  function wanted() {
    const nodes = new Map(), edges = new Map()
    const removed = overlay.value?.ghosts ?? []
    if (state.count <= WHOLE) {
      for (const node of graph.nodes.values()) nodes.set(node.id, node)
      for (const note of graph.notes.values()) nodes.set(asNote(note.id), note)
      for (const edge of graph.edges.values()) edges.set(edge.id, edge)
    } else if (!state.far) {
      const take = (id) => nodes.set(id, graph.nodes.get(id))
      for (const node of graph.nodes.values()) if (meets(window_, boxOf([node]))) nodes.set(node.id, node)
      for (const note of graph.notes.values()) if (meets(window_, boxOf([note]))) nodes.set(asNote(note.id), note)
      for (const edge of graph.edges.values()) {
        const ends = [graph.nodes.get(edge.source), graph.nodes.get(edge.target)]
        if (!ends[0] || !ends[1] || !meets(window_, boxOf(ends))) continue
        edges.set(edge.id, edge)
        take(edge.source)
        take(edge.target)
      }
    }
    for (const ghost of removed) if (!nodes.has(ghost.id)) nodes.set(ghost.id, ghost)
    return { nodes, edges }
  }

  /** Bring Vue Flow in line with the graph. */
  function refresh() {
    state.far = state.count > WHOLE && flow.viewport.value.zoom < FAR
    window_ = seen(MARGIN)
    zoomed = flow.viewport.value.zoom
    const next = wanted()
    const goneEdges = [...given.edges.keys()].filter((id) => !next.edges.has(id))
    const goneNodes = [...given.nodes.keys()].filter((id) => !next.nodes.has(id))
    const first = !given.nodes.size
    if (goneEdges.length) flow.removeEdges(goneEdges)
    if (goneNodes.length) flow.removeNodes(goneNodes, false)
    const freshNodes = [], freshEdges = []
    for (const [id, node] of next.nodes) {
      if (!given.nodes.has(id)) freshNodes.push(toNode(id, node))
      else if (given.nodes.get(id) !== node) renew(id, node)
    }
    if (freshNodes.length) first ? flow.setNodes(freshNodes) : flow.addNodes(freshNodes)
    for (const [id, edge] of next.edges) {
      const old = given.edges.get(id)
      if (old === edge) continue
      if (old) flow.removeEdges([id])
      freshEdges.push(toEdge(edge))
    }
    if (freshEdges.length) flow.addEdges(freshEdges)
    given = next
  }

  function renew(id, view) {
    const node = flow.findNode(id)
    if (!node) return
    const fresh = toNode(id, view)
    if (!node.dragging) node.position = fresh.position
    const before = given.nodes.get(id)
    node.data = fresh.data
    node.ariaLabel = fresh.ariaLabel
    if (view.isNote || JSON.stringify(before.ports) !== JSON.stringify(view.ports) || before.has_input !== view.has_input) {
      node.dimensions = fresh.dimensions
      node.handleBounds = fresh.handleBounds
    }
  }

  const toNode = (id, view) => ({
    id,
    type: view.isNote ? 'note' : 'step',
    position: { x: view.x, y: view.y },
    data: markRaw(view),
    dimensions: markRaw(sizeOf(view)),
    handleBounds: view.isNote ? { source: [], target: [] } : handleBounds(view),
    zIndex: view.isNote ? 0 : 2, // notes under wires under cards
    selected: picked.has(id),
    draggable: state.readonly || view.ghost ? false : undefined,
    domAttributes: { tabIndex: -1 }, // the canvas is one stop of the Tab key; arrows walk inside
    ariaLabel: view.isNote ? `Note: ${view.text || 'empty'}` : nameOf(view),
  })

  const nameOf = (view) =>
    [
      `${kinds[view.kind]?.label ?? view.kind}: ${view.title}.`,
      view.sub && `${view.sub}.`,
      view.problems?.length && `To look at: ${view.problems.map((each) => each.text).join(' ')}`,
    ].filter(Boolean).join(' ')

  const toEdge = (edge) => {
    const from = graph.nodes.get(edge.source), to = graph.nodes.get(edge.target)
    const port = from?.ports.find((each) => each.name === edge.port)
    return {
      id: edge.id, type: 'wire', source: edge.source, target: edge.target, sourceHandle: edge.port, targetHandle: 'in',
      selected: pickedEdges.has(edge.id),
      ariaLabel: `From ${from?.title ?? edge.source}${port?.label ? `, ${port.label},` : ''} to ${to?.title ?? edge.target}`,
      zIndex: 1,
      focusable: false,
      domAttributes: { 'data-edge': edge.id },
    }
  }

  /** Slide cards from where they stood to where they stand now. */
  function slide(before, ms) {
    const moves = Object.entries(before)
      .map(([id, from]) => ({ node: flow.findNode(id), from, to: graph.nodes.get(id) }))
      .filter((move) => move.node && move.to)
    if (!ms || !moves.length || moves.length > 90) return
    const began = performance.now()
    const frame = (now) => {
      const part = Math.min((now - began) / ms, 1), eased = 1 - (1 - part) ** 3
      for (const { node, from, to } of moves) {
        if (graph.nodes.get(node.id) !== to) continue
        node.position = { x: from.x + (to.x - from.x) * eased, y: from.y + (to.y - from.y) * eased }
      }
      if (part < 1) requestAnimationFrame(frame)
    }
    frame(began)
  }

  return { moved, refresh, slide, seen }
}

export const cardBox = (node) => ({ left: node.x, top: node.y, right: node.x + W, bottom: node.y + heightOf(node) })
