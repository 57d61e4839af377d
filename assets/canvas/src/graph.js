// The browser's copy of what the server sent: plain data, never reactive, asked while one draws and walks.
import { W, boxOf, heightOf } from './geometry.js'

export class Graph {
  nodes = new Map()
  notes = new Map()
  edges = new Map()
  out = new Map() // id → Map(port → edge)
  into = new Map() // id → Set(edge)

  clear() {
    for (const part of [this.nodes, this.notes, this.edges, this.out, this.into]) part.clear()
  }

  addEdge(edge) {
    if (this.edges.has(edge.id)) this.removeEdge(edge.id)
    this.edges.set(edge.id, edge)
    if (!this.out.has(edge.source)) this.out.set(edge.source, new Map())
    this.out.get(edge.source).set(edge.port, edge)
    if (!this.into.has(edge.target)) this.into.set(edge.target, new Set())
    this.into.get(edge.target).add(edge)
  }

  removeEdge(id) {
    const edge = this.edges.get(id)
    if (!edge) return
    this.edges.delete(id)
    this.out.get(edge.source)?.delete(edge.port)
    this.into.get(edge.target)?.delete(edge)
  }

  removeNode(id) {
    for (const edge of [...(this.out.get(id)?.values() ?? []), ...(this.into.get(id) ?? [])]) this.removeEdge(edge.id)
    this.nodes.delete(id)
  }

  /** All of it as plain lists; `take` puts such lists in the place of all there is. */
  copy() {
    return { nodes: [...this.nodes.values()], notes: [...this.notes.values()], edges: [...this.edges.values()] }
  }

  take({ nodes, notes, edges }) {
    this.clear()
    for (const node of nodes) this.nodes.set(node.id, node)
    for (const note of notes) this.notes.set(note.id, note)
    for (const edge of edges) this.addEdge(edge)
  }

  taken(id, port) {
    return this.out.get(id)?.get(port)
  }

  /** The first way out of a node that leads nowhere yet. */
  freePort(id) {
    return this.nodes.get(id)?.ports.find((port) => !this.taken(id, port.name))
  }

  /** Only for feedback while a wire is drawn; the server judges. */
  canConnect(source, port, target) {
    const to = this.nodes.get(target)
    if (!to || !to.has_input || source === target || this.taken(source, port)) return false
    return this.nodes.get(source)?.kind === 'jump' || !this.reaches(target, source)
  }

  reaches(from, to) {
    const seen = new Set([from]), todo = [from]
    while (todo.length) {
      const id = todo.pop()
      if (id === to) return true
      if (this.nodes.get(id)?.kind === 'jump') continue
      for (const edge of this.out.get(id)?.values() ?? []) {
        if (!seen.has(edge.target)) {
          seen.add(edge.target)
          todo.push(edge.target)
        }
      }
    }
    return false
  }

  /** The node an arrow key leads to: along the wires, or up and down between the cards that stand in one column. */
  beside(id, direction) {
    const here = this.nodes.get(id)
    if (!here) return null
    if (direction === 'right') {
      const port = here.ports.find((each) => this.taken(id, each.name))
      return port ? this.taken(id, port.name).target : null
    }
    if (direction === 'left') return [...(this.into.get(id) ?? [])].sort((a, b) => this.#y(a) - this.#y(b))[0]?.source ?? null
    const sign = direction === 'down' ? 1 : -1
    let best = null, least = Infinity
    for (const node of this.nodes.values()) {
      const dy = (node.y - here.y) * sign, dx = Math.abs(node.x - here.x)
      if (dy <= 0 || dx > dy + W) continue
      const far = dy + dx * 2
      if (far < least) [best, least] = [node.id, far]
    }
    return best
  }

  #y(edge) {
    return this.nodes.get(edge.source)?.y ?? 0
  }

  /** Where to begin: the trigger that stands highest and most to the left. */
  first() {
    const all = [...this.nodes.values()].sort((a, b) => a.x - b.x || a.y - b.y)
    return (all.find((node) => !node.has_input) ?? all[0])?.id ?? null
  }

  box() {
    return boxOf([...this.nodes.values(), ...this.notes.values()])
  }

  /** Tells how many cards a level stretch of wire would run behind; the ends of the wire do not count. */
  blocker(source, target) {
    const others = [...this.nodes.values()].filter((node) => node.id !== source && node.id !== target)
    return (x1, x2, y) => {
      let hits = 0
      for (const node of others) {
        if (node.x < x2 && node.x + W > x1 && node.y - 8 < y && node.y + heightOf(node) + 8 > y) hits++
      }
      return hits
    }
  }

  /** A place near this one where a new card covers no other. */
  room(x, y, height = 100) {
    for (let tries = 0; tries < 60; tries++) {
      const hit = [...this.nodes.values()].find(
        (node) => node.x < x + W + 16 && node.x + W + 16 > x && node.y < y + height + 16 && node.y + heightOf(node) + 16 > y,
      )
      if (!hit) break
      y = hit.y + heightOf(hit) + 32
    }
    return { x, y }
  }
}
