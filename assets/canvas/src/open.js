// What lies over the canvas for a moment: picker, menus, help. One at a time; closing gives the focus back.
import { reactive } from 'vue'
import { W, heightOf } from './geometry.js'
import { asNote, noteId } from './store.js'

const PICKER = { width: 320, height: 400 }
const MENU = { width: 260, row: 38, pad: 12 }
const ALIGNS = [
  ['left', 'align_horizontal_left', 'Align left'], ['centre', 'align_horizontal_center', 'Align centres'], ['top', 'align_vertical_top', 'Align tops'],
  ['middle', 'align_vertical_center', 'Align middles'], ['columns', 'horizontal_distribute', 'Spread across'], ['rows', 'vertical_distribute', 'Spread down'],
].map(([how, icon, label]) => ({ how, icon, label, name: `align-${how}` }))

export function createOpen({ flow, store, commands, camera, root, stage, palette, tellPicked }) {
  const { graph, kinds, state, catalog } = store
  const shown = reactive({ picker: null, menu: null, help: false, palette: false })
  let pointer = null, choose = null

  const frame = () => stage.value.getBoundingClientRect()
  const toFlow = (event) => flow.screenToFlowCoordinate({ x: event.clientX, y: event.clientY })
  /** Beside a point of the screen, but wholly inside the canvas. */
  function beside({ x, y }, size) {
    const { left, top, width, height } = frame()
    const inside = (at, room, own) => Math.max(8, Math.min(at, room - own - 8))
    return { x: inside(x - left, width, Math.min(size.width, width - 16)), y: inside(y - top, height, Math.min(size.height, height - 16)) }
  }
  /** Right of a card if there is room, else below it. */
  const ofCard = (id) => {
    const node = graph.nodes.get(id), { x, y, zoom } = flow.viewport.value, { left, top, width } = frame()
    const right = x + (node.x + W) * zoom + 12
    if (right + PICKER.width < width) return { x: left + right, y: top + y + node.y * zoom }
    return { x: left + x + node.x * zoom, y: top + y + (node.y + heightOf(node)) * zoom + 10 }
  }
  const centre = () => ({ x: frame().left + frame().width / 2 - PICKER.width / 2, y: frame().top + frame().height / 4 })
  const ofEvent = (event) => {
    if (event.clientX || event.clientY) return { x: event.clientX, y: event.clientY }
    const { right, top } = event.currentTarget.getBoundingClientRect()
    return { x: right + 6, y: top }
  }

  function close(back = false) {
    shown.picker = shown.menu = null
    shown.help = false
    if (back === true) stage.value?.focus({ preventScroll: true })
  }

  const steps = (fits) => catalog.filter(fits).map((entry) => ({ ...entry, key: entry.kind }))
  function ask(title, entries, at, then, ways, way) {
    close()
    choose = then
    shown.picker = { title, entries, at: beside(at, PICKER), ways, way }
  }
  function chosen(key) {
    const then = choose, way = shown.picker?.way
    close(true)
    then?.(key, way)
  }

  /** N: behind the picked step, whichever way out is chosen; with nothing picked, in the middle. */
  function picker(place) {
    if (!commands.can()) return
    const one = !place && store.onlyNode(), node = one && graph.nodes.get(one)
    const edge = !place && [...store.pickedEdges][0]
    if (edge) return insert(edge, centre())
    if (!node?.ports.length) {
      const fits = graph.nodes.size ? () => true : (entry) => !entry.has_input
      const at = place?.screen ?? centre()
      return ask(graph.nodes.size ? 'Add a step' : 'Add a trigger', steps(fits), at, (kind) => commands.addHere(kind, place?.flow))
    }
    const ways = node.ports.map((port) => ({ name: port.name, label: port.label || port.name }))
    const then = (kind, way) => {
      const taken = graph.taken(one, way)
      return taken ? commands.addOn(kind, taken.id) : commands.addAfter(kind, { node: one, port: way })
    }
    ask(`Add a step after ${node.title}`, steps((entry) => entry.has_input), ofCard(one), then, ways, (graph.freePort(one) ?? node.ports[0]).name)
  }
  function after(event, id, port) {
    ask('Add a step here', steps((entry) => entry.has_input), ofEvent(event), (kind) => commands.addAfter(kind, { node: id, port }))
  }
  /** A wire was let go over the ground. */
  function fromWire(event, from) {
    const at = toFlow(event)
    ask('Add a step here', steps((entry) => entry.has_input), ofEvent(event), (kind) => commands.add(kind, { x: at.x, y: at.y - 30 }, { from }))
  }
  function insert(edge, at) {
    ask('Insert a step here', steps((entry) => entry.has_input && entry.has_output), at, (kind) => commands.addOn(kind, edge))
  }
  const onEdge = (event, edge) => insert(edge, ofEvent(event))

  /** C: connect to a step that is there already. */
  function connector() {
    const one = store.onlyNode(), node = one && graph.nodes.get(one)
    const free = node?.ports.filter((port) => !graph.taken(one, port.name)) ?? []
    if (!commands.can() || !node) return
    if (!free.length) return store.toast('Every way out of this step is connected; remove a wire first.')
    const entries = [...graph.nodes.values()]
      .filter((to) => free.some((port) => graph.canConnect(one, port.name, to.id)))
      .map((to) => ({ key: to.id, label: to.title, help: to.sub, icon: to.icon, group: to.group }))
    const ways = free.map((port) => ({ name: port.name, label: port.label || port.name }))
    ask(`Connect ${node.title} to`, entries, ofCard(one), (target, way) => commands.connect(one, way ?? free[0].name, target), ways, free[0].name)
  }

  // ── menus ──
  const show = (items, at, label) => {
    close()
    shown.menu = { items, at: beside(at, { width: MENU.width, height: MENU.pad + MENU.row * items.length }), label }
  }
  function menuFor(event, id) {
    event.preventDefault?.()
    if (!store.picked.has(id)) commands.pick([id])
    show(deeds(id), ofEvent(event), 'Menu of the picked steps')
  }
  function deeds(id) {
    const isStep = graph.nodes.has(id), many = store.picked.size > 1, off = !commands.can()
    const node = graph.nodes.get(id)
    return [
      isStep && !many && { name: 'open', icon: 'tune', label: 'Settings', key: 'Enter', run: () => tellPicked(true) },
      isStep && !many && node.ports.length && !off && { name: 'add-after', icon: 'add', label: 'Add a step after', key: 'N', run: () => picker() },
      isStep && !many && node.ports.length && !off && { name: 'connect', icon: 'timeline', label: 'Connect to', key: 'C', run: () => connector() },
      !isStep && !many && { name: 'write', icon: 'edit', label: 'Write', key: 'Enter', off, run: () => write(id) },
      store.pickedNodes().length > 1 && { name: 'align', icon: 'align_horizontal_left', label: 'Align or spread', key: 'A', off, run: () => aligns() },
      (isStep || many) && '-',
      isStep && { name: 'copy', icon: 'content_copy', label: 'Copy', key: 'Ctrl C', off, run: commands.copy },
      isStep && { name: 'duplicate', icon: 'library_add', label: 'Duplicate', key: 'Ctrl D', off, run: commands.duplicate },
      { name: 'delete', icon: 'delete_outline', label: 'Delete', key: 'Del', off, run: commands.remove },
    ].filter(Boolean)
  }
  /** A: the six ways to put what is picked in order. */
  function aligns() {
    if (!commands.can()) return
    if (store.pickedNodes().length < 2) return store.toast('Pick two steps or more to align them.')
    show(ALIGNS.map((each) => ({ ...each, run: () => commands.align(each) })), ofCard(store.pickedNodes()[0]), 'Align or spread')
  }
  const write = (note) => (store.state.writing = noteId(note))
  function menuForEdge(event, id) {
    event.preventDefault()
    commands.pick([], [id])
    const off = !commands.can(), at = ofEvent(event)
    show([
      { name: 'insert', icon: 'add', label: 'Insert a step', off, run: () => insert(id, at) },
      { name: 'unlink', icon: 'link_off', label: 'Remove this wire', key: 'Del', off, run: () => commands.unlink(id) },
    ], at, 'Menu of the wire')
  }
  function menuForGround(event) {
    event.preventDefault()
    const off = !commands.can(), at = toFlow(event), screen = ofEvent(event)
    show([
      { name: 'add', icon: 'add', label: 'Add a step', key: 'N', off, run: () => picker({ flow: at, screen }) },
      { name: 'paste', icon: 'content_paste', label: 'Paste', key: 'Ctrl V', off, run: () => commands.paste(at) },
      { name: 'note', icon: 'sticky_note_2', label: 'Stick a note', key: 'S', off, run: () => commands.addNote(at) },
      '-',
      { name: 'all', icon: 'select_all', label: 'Pick everything', key: 'Ctrl A', run: commands.pickAll },
      { name: 'fit', icon: 'fit_screen', label: 'See everything', key: '1', run: camera.fit },
      { name: 'tidy', icon: 'auto_fix_high', label: 'Tidy up', key: 'T', off: off || state.busy, run: commands.tidy },
    ], screen, 'Menu of the canvas')
  }
  /** What is wrong with a step, each with its fix. */
  function problems(event, id) {
    const node = graph.nodes.get(id)
    const items = node.problems.flatMap((each) => [
      { label: each.text, severity: each.severity, icon: each.severity === 'error' ? 'error' : 'warning' },
      each.fix && commands.can() && { name: 'fix', icon: 'build', label: 'Fix it', run: () => commands.fix(id, each.text) },
    ]).filter(Boolean)
    show([...items, '-', { name: 'open', icon: 'tune', label: 'Settings', key: 'Enter', run: () => { commands.pick([id]); tellPicked(true) } }], ofEvent(event), 'What to look at')
  }
  function menu() {
    const [id] = store.picked
    const edge = [...store.pickedEdges][0]
    if (id) show([...(graph.nodes.has(id) ? problemLines(id) : []), ...deeds(id)], graph.nodes.has(id) ? ofCard(id) : centre(), 'Menu of the picked steps')
    else if (edge) menuForEdge({ preventDefault() {}, ...pointOf(centre()) }, edge)
    else menuForGround({ preventDefault() {}, ...pointOf(centre()) })
  }
  const problemLines = (id) => graph.nodes.get(id).problems?.flatMap((each) => [
    { label: each.text, severity: each.severity, icon: 'error_outline' },
    each.fix && commands.can() && { name: 'fix', icon: 'build', label: 'Fix it', run: () => commands.fix(id, each.text) },
  ]).filter(Boolean) ?? []
  const pointOf = ({ x, y }) => ({ clientX: x, clientY: y })

  function nothing() {
    if (shown.picker || shown.menu || shown.help || shown.palette) {
      shown.palette = false
      return close(true)
    }
    commands.pick([])
    stage.value.focus({ preventScroll: true })
  }
  function inspector() {
    const one = store.onlyNode()
    if (one) tellPicked(true)
    else if (store.onlyNote()) write(asNote(store.onlyNote()))
    else if (!store.picked.size) commands.stepTo(graph.first())
  }

  return {
    shown, close, ways: ALIGNS, aligns, picker, after, fromWire, onEdge, connector, chosen, menuFor, menuForEdge, menuForGround, menu, problems, nothing, inspector,
    help: () => { close(); shown.help = true },
    palette: () => { shown.palette = true; setTimeout(() => palette.value?.focus()) },
    followed: (event) => (pointer = toFlow(event)),
    left: () => (pointer = null),
    pointer: () => pointer,
    under: (event) => {
      const at = toFlow(event)
      return [...graph.nodes.values()].find((node) => at.x >= node.x && at.x <= node.x + W && at.y >= node.y && at.y <= node.y + heightOf(node))?.id
    },
    root,
  }
}
