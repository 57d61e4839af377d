// Places every step: dagre decides columns and order, then each column is pulled straight so that a wire from a card
// to the next runs level wherever there is room.
import dagre from '@dagrejs/dagre'
import { GAP, GRID, W, heightOf, inputY, portY } from './geometry.js'

const BETWEEN = 40
const BEFORE = { top: 96, left: 96 }

/** From [{id, ports, …}] and [{id, source, port, target}] to {id: [x, y]}. */
export function layout(nodes, edges) {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const known = edges.filter((edge) => byId.has(edge.source) && byId.has(edge.target))
  const placed = ranked(nodes, known)
  const columns = [...Map.groupBy(nodes, (node) => Math.round(placed.get(node.id).x)).entries()]
    .sort(([a], [b]) => a - b)
    .map(([, column]) => column.sort((a, b) => placed.get(a.id).y - placed.get(b.id).y))
  const tops = straightened(columns, known, byId, placed)
  const least = Math.min(...tops.values())
  const places = {}
  columns.forEach((column, index) => {
    for (const node of column) {
      places[node.id] = [BEFORE.left + index * (W + GAP), BEFORE.top + Math.round((tops.get(node.id) - least) / GRID) * GRID]
    }
  })
  return places
}

function ranked(nodes, edges) {
  const graph = new dagre.graphlib.Graph({ multigraph: true })
  graph.setGraph({ rankdir: 'LR', nodesep: BETWEEN, ranksep: GAP, ranker: 'tight-tree' })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const node of nodes) graph.setNode(node.id, { width: W, height: heightOf(node) })
  for (const edge of edges) graph.setEdge(edge.source, edge.target, {}, edge.id)
  dagre.layout(graph, { constraints: portOrder(nodes, edges) })
  return new Map(nodes.map((node) => [node.id, graph.node(node.id)]))
}

/** dagre knows no ports: without this, yes and no come out in any order and their wires cross at the card. */
function portOrder(nodes, edges) {
  const arriving = new Map()
  for (const edge of edges) arriving.set(edge.target, (arriving.get(edge.target) ?? 0) + 1)
  const leaving = Map.groupBy(edges, (edge) => edge.source)
  return nodes.flatMap((node) => {
    const place = (edge) => node.ports.findIndex((port) => port.name === edge.port)
    const own = (leaving.get(node.id) ?? []).filter((edge) => arriving.get(edge.target) === 1).sort((a, b) => place(a) - place(b))
    return own.slice(1).map((edge, i) => ({ left: own[i].target, right: edge.target }))
  })
}

/** The top of each card. Every column keeps its order; who has neighbours gets as near to level with them as fits. */
function straightened(columns, edges, byId, placed) {
  const tops = new Map([...placed].map(([id, at]) => [id, at.y - heightOf(byId.get(id)) / 2]))
  const before = Map.groupBy(edges, (edge) => edge.target)
  const after = Map.groupBy(edges, (edge) => edge.source)
  const fromSource = (edge) => tops.get(edge.source) + portY(byId.get(edge.source), edge.port) - inputY
  const fromTarget = (edge) => tops.get(edge.target) + inputY - portY(byId.get(edge.source), edge.port)
  const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length
  const middle = (list) => [...list].sort((a, b) => a - b)[(list.length - 1) >> 1]
  for (const forward of [true, false, true, false, true]) {
    for (const column of forward ? columns : [...columns].reverse()) {
      const wishes = column.map((node) => {
        const around = (forward ? before : after).get(node.id)
        if (!around) return tops.get(node.id)
        return forward ? middle(around.map(fromSource)) : mean(around.map(fromTarget))
      })
      spread(column, wishes).forEach((top, i) => tops.set(column[i].id, top))
    }
  }
  return tops
}

/** Everybody's wish as far as order and gaps allow; cards that touch share the shift. */
function spread(column, wishes) {
  const blocks = []
  column.forEach((node, i) => {
    let block = { top: wishes[i], height: heightOf(node), count: 1 }
    while (blocks.length && blocks.at(-1).top + blocks.at(-1).height + BETWEEN > block.top) {
      const above = blocks.pop()
      const shift = above.height + BETWEEN
      const top = (above.top * above.count + (block.top - shift) * block.count) / (above.count + block.count)
      block = { top, height: shift + block.height, count: above.count + block.count }
    }
    blocks.push(block)
  })
  const tops = []
  for (const block of blocks) {
    let at = block.top
    for (let n = 0; n < block.count; n++) {
      const node = column[tops.length]
      tops.push(at)
      at += heightOf(node) + BETWEEN
    }
  }
  return tops
}
