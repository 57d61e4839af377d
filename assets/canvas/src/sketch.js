// What an intent will look like, drawn before the server has heard of it. The server's own word replaces it.
import { markRaw } from 'vue'

const DRAWN = {
  add(intent, { graph, kinds }) {
    const entry = kinds[intent.kind]
    if (!entry || !intent.as) return
    const { label, icon, group, has_input, ports } = entry
    graph.nodes.set(intent.as, markRaw({
      id: intent.as, kind: intent.kind, title: label, icon, group, has_input, ports, sub: 'Not sent yet', problems: [], x: intent.x, y: intent.y, waiting: true,
    }))
    const split = intent.on_edge && graph.edges.get(intent.on_edge)
    if (intent.from) join(graph, intent.from.node, intent.from.port, intent.as)
    if (split && ports.length) {
      join(graph, split.source, split.port, intent.as)
      join(graph, intent.as, ports[0].name, split.target)
    }
  },
  move({ moves }, { graph }) {
    for (const [id, [x, y]] of Object.entries(moves)) change(graph.nodes, id, { x, y })
  },
  connect({ source, port, target }, { graph }) {
    if (graph.nodes.has(source) && graph.nodes.has(target)) join(graph, source, port, target)
  },
  disconnect({ edges }, { graph }) {
    for (const id of edges) graph.removeEdge(id)
  },
  delete({ nodes = [], edges = [], notes = [] }, { graph }) {
    for (const id of edges) graph.removeEdge(id)
    for (const id of nodes) graph.removeNode(id)
    for (const id of notes) graph.notes.delete(id)
  },
  note({ id, as, text, x, y, w, h }, { graph }) {
    const given = Object.fromEntries(Object.entries({ text, x, y, w, h }).filter(([, value]) => value !== undefined))
    if (id) change(graph.notes, id, given)
    else if (as) graph.notes.set(as, markRaw({ id: as, isNote: true, ...given }))
  },
  journey({ title }, { state }) {
    if (title) state.title = title
  },
}

export const isDrawn = (intent) => intent.op in DRAWN
export function draw(intent, store) {
  DRAWN[intent.op]?.(intent, store)
  store.touched()
}

function join(graph, source, port, target) {
  graph.addEdge(markRaw({ id: `${source}:${port}`, source, port, target }))
}
function change(things, id, by) {
  if (things.has(id)) things.set(id, markRaw({ ...things.get(id), ...by }))
}
