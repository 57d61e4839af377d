// Everything a person can do to a journey, whether by mouse, menu or key.
import { nextTick } from 'vue'
import { GAP, HEAD, W, boxOf, heightOf, snapped } from './geometry.js'
import { asNote, noteId } from './store.js'
import LayoutWorker from './layout.worker.js?worker&inline'

export function createCommands({ flow, store, link, sight, camera, tellPicked }) {
  const { graph, kinds, state, picked, pickedEdges } = store
  const { send } = link
  const can = () => state.loaded && !state.readonly

  // ── picking ──
  function pick(ids, edges = []) {
    picked.clear()
    pickedEdges.clear()
    for (const id of ids) if (graph.nodes.has(id) || graph.notes.has(noteId(id) ?? '')) picked.add(id)
    for (const id of edges) if (graph.edges.has(id)) pickedEdges.add(id)
    for (const node of flow.nodes.value) node.selected = picked.has(node.id)
    for (const edge of flow.edges.value) edge.selected = pickedEdges.has(edge.id)
    flow.nodesSelectionActive.value = false
    tellPicked()
  }
  const pickAll = () => pick([...graph.nodes.keys(), ...[...graph.notes.keys()].map(asNote)])

  /** Pick one card, look at it, and let a screen reader read it. */
  function stepTo(id) {
    if (!id) return
    pick([id])
    camera.reveal(id)
    sight.moved()
    nextTick(() => flow.vueFlowRef.value?.querySelector(`.vue-flow__node[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }))
  }
  const walk = (direction) => {
    const from = store.onlyNode()
    stepTo(from ? graph.beside(from, direction) : graph.first())
  }
  function nextEdge() {
    const id = store.onlyNode() ?? graph.edges.get([...pickedEdges][0])?.source
    const edges = id ? graph.nodes.get(id).ports.map((port) => graph.taken(id, port.name)).filter(Boolean) : []
    if (!edges.length) return
    const next = edges[(edges.findIndex((edge) => pickedEdges.has(edge.id)) + 1) % edges.length]
    pick([], [next.id])
    store.say(`Wire to ${graph.nodes.get(next.target)?.title}`)
  }

  // ── adding and wiring ──
  async function add(kind, place, extra = {}) {
    if (!can()) return
    const at = graph.room(snapped(place.x), snapped(place.y))
    const answer = await send({ op: 'add', kind, x: at.x, y: at.y, ...extra })
    if (!answer.ok) return
    store.say(`${kinds[kind].label} added`)
    if (answer.select?.length) nextTick(() => stepTo(answer.select[0]))
  }
  /** Right of a port, level with it. */
  const addAfter = (kind, from) => {
    const node = graph.nodes.get(from.node), index = node.ports.findIndex((port) => port.name === from.port)
    return add(kind, { x: node.x + W + GAP, y: node.y + Math.max(index, 0) * (HEAD + 100) }, { from })
  }
  /** Between two steps; the ones behind are not moved, so it stands half-way. */
  const addOn = (kind, edge) => {
    const { source, target } = graph.edges.get(edge), a = graph.nodes.get(source), b = graph.nodes.get(target)
    return add(kind, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, { on_edge: edge })
  }
  /** Where it makes most sense: behind the picked step if that has a free port, else in the middle of the view. */
  function addHere(kind, place) {
    const one = store.onlyNode(), free = one && graph.freePort(one)
    if (free && kinds[kind].has_input && !place) return addAfter(kind, { node: one, port: free.name })
    const middle = place ?? camera.middle()
    return add(kind, { x: middle.x - W / 2, y: middle.y - HEAD / 2 })
  }
  const connect = (source, port, target) => can() && send({ op: 'connect', source, port, target })

  // ── moving ──
  function move(moves, label, revert) {
    if (can() && Object.keys(moves).length) return send({ op: 'move', moves, ...(label ? { label } : {}) }, revert)
  }
  function dropped(moved) {
    const back = () => sight.refresh()
    const moves = {}, dx = Math.round(moved[0].position.x - original(moved[0].id).x), dy = Math.round(moved[0].position.y - original(moved[0].id).y)
    if (!dx && !dy) return
    const together = picked.has(moved[0].id) ? new Set([...picked, ...moved.map((node) => node.id)]) : new Set(moved.map((node) => node.id))
    for (const id of together) {
      const was = original(id)
      if (!was) continue
      if (noteId(id)) send({ op: 'note', id: noteId(id), text: was.text, x: was.x + dx, y: was.y + dy, w: was.w, h: was.h })
      else moves[id] = [was.x + dx, was.y + dy]
    }
    move(moves, undefined, () => { for (const id of Object.keys(moves)) putBack(id); back() })
  }
  const original = (id) => (noteId(id) ? graph.notes.get(noteId(id)) : graph.nodes.get(id))
  function putBack(id) {
    const node = flow.findNode(id), was = original(id)
    if (node && was) node.position = { x: was.x, y: was.y }
  }
  let nudged = null, nudging
  function nudge(dx, dy) {
    if (!can() || !picked.size) return
    nudged = nudged ? { x: nudged.x + dx, y: nudged.y + dy } : { x: dx, y: dy }
    for (const id of picked) {
      const node = flow.findNode(id)
      if (node) node.position = { x: node.position.x + dx, y: node.position.y + dy }
    }
    clearTimeout(nudging)
    nudging = setTimeout(() => {
      const moves = {}
      for (const id of store.pickedNodes()) moves[id] = [graph.nodes.get(id).x + nudged.x, graph.nodes.get(id).y + nudged.y]
      nudged = null
      move(moves, undefined, () => Object.keys(moves).forEach(putBack))
    }, 280)
  }
  function align({ how, label }) {
    const ids = store.pickedNodes(), nodes = ids.map((id) => graph.nodes.get(id))
    if (nodes.length < 2) return
    const box = boxOf(nodes), moves = {}
    const set = { left: (n) => [box.left, n.y], right: (n) => [box.right - W, n.y], top: (n) => [n.x, box.top],
      bottom: (n) => [n.x, box.bottom - heightOf(n)], centre: (n) => [snapped((box.left + box.right - W) / 2), n.y],
      middle: (n) => [n.x, snapped((box.top + box.bottom - heightOf(n)) / 2)] }[how]
    if (set) for (const node of nodes) moves[node.id] = set(node)
    else {
      const axis = how === 'rows' ? 'y' : 'x', sorted = [...nodes].sort((a, b) => a[axis] - b[axis])
      const first = sorted[0][axis], last = sorted.at(-1)[axis]
      sorted.forEach((node, i) => {
        const at = snapped(first + ((last - first) * i) / (sorted.length - 1))
        moves[node.id] = axis === 'y' ? [node.x, at] : [at, node.y]
      })
    }
    move(moves, label)
  }
  let worker
  function tidy() {
    if (!can() || state.busy || !graph.nodes.size) return
    state.busy = true
    worker ??= new LayoutWorker()
    worker.onerror = () => { state.busy = false; store.toast('The steps could not be laid out; nothing was moved.') }
    worker.onmessage = async ({ data: moves }) => {
      await move(moves, 'Tidy up')
      state.busy = false
      store.say('Laid out anew')
      camera.survey()
    }
    const plain = (node) => ({ id: node.id, has_input: node.has_input, ports: node.ports.map(({ name, label }) => ({ name, label })) })
    worker.postMessage({
      nodes: [...graph.nodes.values()].map(plain),
      edges: [...graph.edges.values()].map(({ id, source, port, target }) => ({ id, source, port, target })),
    })
  }

  // ── the rest ──
  const undo = () => can() && (state.undo || state.down) && send({ op: 'undo' })
  const redo = () => can() && (state.redo || state.down) && send({ op: 'redo' })
  const rename = (title, revert) => can() && send({ op: 'journey', title }, revert)
  function remove() {
    const nodes = store.pickedNodes(), notes = store.pickedNotes(), edges = [...pickedEdges]
    if (can() && (nodes.length || notes.length || edges.length)) send({ op: 'delete', nodes, edges, notes })
  }
  const unlink = (edge) => can() && send({ op: 'disconnect', edges: [edge] })
  async function copy() {
    const nodes = store.pickedNodes()
    if (!nodes.length || !can()) return
    const answer = await send({ op: 'copy', nodes })
    if (answer.ok) store.say(`Copied ${store.titles(nodes)}`)
    return answer.ok
  }
  async function cut() {
    if (store.pickedNodes().length && (await copy())) remove()
  }
  async function paste(place) {
    const at = place ?? camera.middle()
    if (!can()) return
    taken(await send({ op: 'paste', x: snapped(at.x), y: snapped(at.y) }))
  }
  async function duplicate() {
    const nodes = store.pickedNodes()
    if (nodes.length && can()) taken(await send({ op: 'duplicate', nodes }))
  }
  const taken = (answer) => answer.ok && answer.select && nextTick(() => pick(answer.select))
  async function addNote(place) {
    if (!can()) return
    const wanted = place ?? camera.middle(), at = graph.room(wanted.x, wanted.y, 120)
    const answer = await send({ op: 'note', text: '', x: snapped(at.x), y: snapped(at.y), w: 240, h: 120 })
    if (answer.ok && answer.select) nextTick(() => { pick(answer.select.map(asNote)); state.writing = answer.select[0] })
  }
  const writeNote = (id, change) => {
    const { text, x, y, w, h } = { ...graph.notes.get(id), ...change }
    if (can()) send({ op: 'note', id, text, x, y, w, h }, () => sight.refresh())
  }
  /** W: the note that stands after the picked one, from the top left on. */
  function nextNote() {
    const all = [...graph.notes.values()].sort((a, b) => a.x - b.x || a.y - b.y)
    const next = all[(all.findIndex((note) => picked.has(asNote(note.id))) + 1) % all.length]
    if (!next) return
    pick([asNote(next.id)])
    camera.reveal(asNote(next.id))
    store.say(`Note: ${next.text || 'empty'}`)
  }
  const fix = (node, problem) => can() && send({ op: 'fix', node, problem })

  return {
    can, pick, pickAll, stepTo, walk, nextEdge, add, addAfter, addOn, addHere, connect, dropped, nudge, align, tidy, undo, redo, rename,
    remove, unlink, copy, cut, paste, duplicate, addNote, writeNote, nextNote, fix,
  }
}
