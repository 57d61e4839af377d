// What the server said, kept for drawing. Vue Flow holds only the cards in sight (see sight.js); the rest is plain data.
import { computed, markRaw, reactive, shallowReactive, shallowRef } from 'vue'
import { Graph } from './graph.js'

export function createStore(catalog) {
  const kinds = Object.fromEntries(catalog.map((entry) => [entry.kind, markRaw(entry)]))
  const graph = new Graph()
  const state = reactive({
    rev: -1, loaded: false, readonly: false, undo: false, redo: false, saved: true, failed: false, title: '',
    down: false, unsent: 0, undoHere: false, redoHere: false, // see line.js and link.js
    shape: 0, // grows when something moved, came or went
    toast: '', said: '', busy: false, far: false, count: 0,
    writing: null, // the note somebody writes here
  })
  const counts = shallowReactive({ nodes: {}, edges: {} })
  const people = shallowRef([])
  const overlay = shallowRef(null)
  const picked = shallowReactive(new Set()) // nodes and, as "note:<id>", notes
  const pickedEdges = shallowReactive(new Set())

  const watchers = computed(() => {
    const found = {}
    for (const person of people.value) for (const id of person.picked ?? []) (found[id] ??= []).push(person)
    return found
  })

  function load(all) {
    graph.take({
      nodes: all.nodes.map(markRaw), edges: all.edges.map(markRaw), notes: (all.notes ?? []).map((note) => markRaw({ ...note, isNote: true })),
    })
    counts.nodes = shallowReactive({ ...all.kpis?.nodes })
    counts.edges = shallowReactive({ ...all.kpis?.edges })
    people.value = all.people ?? []
    for (const id of [...picked]) if (!graph.nodes.has(id) && !graph.notes.has(noteId(id))) picked.delete(id)
    for (const id of [...pickedEdges]) if (!graph.edges.has(id)) pickedEdges.delete(id)
    state.readonly = all.readonly
    settle(all)
    state.loaded = true
  }

  /** Returns what moved, as {id: {x, y}} of the places before; null when this patch does not follow on ours. */
  function patch(change) {
    if (change.rev <= state.rev) return {} // sent again after a gap in the connection
    if (change.rev !== state.rev + 1) return null
    const up = change.up ?? {}, del = change.del ?? {}, before = {}
    for (const id of del.edges ?? []) { graph.removeEdge(id); pickedEdges.delete(id) }
    for (const id of del.nodes ?? []) {
      graph.removeNode(id)
      picked.delete(id)
    }
    for (const id of del.notes ?? []) { graph.notes.delete(id); picked.delete(asNote(id)) }
    for (const node of up.nodes ?? []) {
      const old = graph.nodes.get(node.id)
      if (old && (old.x !== node.x || old.y !== node.y)) before[node.id] = { x: old.x, y: old.y }
      graph.nodes.set(node.id, markRaw(node))
    }
    for (const note of up.notes ?? []) graph.notes.set(note.id, markRaw({ ...note, isNote: true }))
    for (const edge of up.edges ?? []) graph.addEdge(markRaw(edge))
    settle(change)
    return before
  }

  function settle(said) {
    Object.assign(state, { rev: said.rev, undo: !!said.undo, redo: !!said.redo, saved: said.saved !== false })
    if (said.title !== undefined) state.title = said.title
    touched()
  }
  function touched() {
    state.count = graph.nodes.size
    state.shape++
  }

  function kpis(change) {
    Object.assign(counts.nodes, change.nodes)
    Object.assign(counts.edges, change.edges)
  }

  let fading
  function toast(text) {
    state.toast = text
    clearTimeout(fading)
    fading = setTimeout(() => (state.toast = ''), 6000)
  }
  /** For screen readers. */
  const say = (text) => (state.said = text)

  const titles = (ids) => ids.map((id) => graph.nodes.get(id)?.title ?? 'note').join(', ')
  const pickedNodes = () => [...picked].filter((id) => graph.nodes.has(id))
  const pickedNotes = () => [...picked].map(noteId).filter((id) => id && graph.notes.has(id))
  const onlyNode = () => (picked.size === 1 && pickedNodes()[0]) || null
  const onlyNote = () => (picked.size === 1 && pickedNotes()[0]) || null

  return {
    catalog, kinds, graph, state, counts, people, overlay, picked, pickedEdges, watchers,
    load, patch, touched, kpis, toast, say, titles, pickedNodes, pickedNotes, onlyNode, onlyNote,
  }
}

// Notes and steps have ids of their own; on the canvas they share one room.
export const asNote = (id) => `note:${id}`
export const noteId = (id) => (id.startsWith('note:') ? id.slice(5) : null)
