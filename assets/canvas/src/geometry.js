// Sizes of a card are fixed, so that everything (fit, culling, minimap, layout, wires) works without measuring the page.
export const W = 280
export const HEAD = 64
const ROW = 24
const FIRST = 72 // the middle of the first row of ports; like all heights a multiple of the grid, so that wires can run level
const FOOT = 32
const DOT = 12 // the box of a port; what is drawn may be larger
export const GRID = 8
export const GAP = 128 // between the columns of a tidy journey

const ROUND = 12
const STUB = 62 // what a wire runs level out of a card: room for its share
const IN = 24 // and into the next
const LEAST = 6 // between two cards for a wire to go straight across
const FAN = 7 // between the bends of wires that leave one card

/** Ports get rows of their own when there are several, or when the only one has something to say. */
export const hasRows = (node) => node.ports.length > 1 || Boolean(node.ports[0]?.label)
export const heightOf = (node) => HEAD + (hasRows(node) ? node.ports.length * ROW : 0) + FOOT
export const snapped = (n) => Math.round(n / GRID) * GRID
export const sizeOf = (node) => (node.isNote ? { width: node.w, height: node.h } : { width: W, height: heightOf(node) })

/** How far below the card's top a port stands. */
export function portY(node, name) {
  const index = Math.max(node.ports.findIndex((port) => port.name === name), 0)
  return hasRows(node) ? FIRST + index * ROW : HEAD / 2
}
export const inputY = HEAD / 2

/** The ports as Vue Flow would measure them. */
export function handleBounds(node) {
  const at = (id, type, x, y) => ({
    id, type, nodeId: node.id, position: type === 'source' ? 'right' : 'left', width: DOT, height: DOT, x: x - DOT / 2, y: y - DOT / 2,
  })
  return {
    source: node.ports.map((port) => at(port.name, 'source', W, portY(node, port.name))),
    target: node.has_input ? [at('in', 'target', 0, inputY)] : [],
  }
}

/** The smallest box around these nodes. */
export function boxOf(nodes) {
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity
  for (const node of nodes) {
    const { width, height } = sizeOf(node)
    left = Math.min(left, node.x)
    top = Math.min(top, node.y)
    right = Math.max(right, node.x + width)
    bottom = Math.max(bottom, node.y + height)
  }
  return left === Infinity ? null : { left, top, right, bottom }
}

export const meets = (a, b) => a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top
export const holds = (outer, inner) =>
  outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom

/**
 * The way of a wire from (sx, sy) to (tx, ty): level, up or down, level. `fan` (-1…1) spreads the bends of wires that
 * leave one card, so that they do not cross; `blocked(x1, x2, y)` tells how many cards a level stretch would run behind.
 */
export function route(sx, sy, tx, ty, fan = 0, blocked = () => 0) {
  const near = sx + STUB - 8 + (ty < sy ? fan : -fan) * FAN
  if (tx < sx + LEAST) return around(sx, sy, tx, ty)
  if (tx < near + IN) return across(sx, sy, tx, ty, fan)
  if (Math.abs(sy - ty) < 1) {
    if (!blocked(sx, tx, sy)) return [[sx, sy], [tx, ty]]
  }
  const far = tx - IN - 16
  if (far - near < 120) return [[sx, sy], [near, sy], [near, ty], [tx, ty]]
  const ways = [
    { cost: blocked(near, tx, ty), points: [[sx, sy], [near, sy], [near, ty], [tx, ty]] },
    { cost: blocked(sx, far, sy), points: [[sx, sy], [far, sy], [far, ty], [tx, ty]] },
  ]
  const best = ways[0].cost <= ways[1].cost ? ways[0] : ways[1]
  if (!best.cost) return best.points
  for (let step = 1; step < 12; step++) {
    for (const side of [1, -1]) {
      const lane = (sy + ty) / 2 + side * step * 40
      const cost = blocked(near, far, lane)
      if (!cost) return [[sx, sy], [near, sy], [near, lane], [far, lane], [far, ty], [tx, ty]]
    }
  }
  return best.points
}

/** Over a narrow gap: as straight as it goes, bent once in the middle. */
function across(sx, sy, tx, ty, fan) {
  if (Math.abs(sy - ty) < 1) return [[sx, sy], [tx, ty]]
  const most = (tx - sx) / 2 - 6, middle = (sx + tx) / 2 + Math.max(-most, Math.min(most, (ty < sy ? fan : -fan) * FAN))
  return [[sx, sy], [middle, sy], [middle, ty], [tx, ty]]
}

/** Back to something that stands before: out, below or above both, and in again. */
function around(sx, sy, tx, ty) {
  const out = sx + 28, back = tx - 28
  const lane = Math.abs(sy - ty) > 150 ? (sy + ty) / 2 : Math.max(sy, ty) + 120
  return [[sx, sy], [out, sy], [out, lane], [back, lane], [back, ty], [tx, ty]]
}

/** The points as an SVG path with round corners. */
export function pathOf(points) {
  const [first, ...rest] = points
  let d = `M${first[0]} ${first[1]}`
  let [x, y] = first
  rest.forEach(([px, py], i) => {
    const next = rest[i + 1]
    if (!next) return (d += `L${px} ${py}`)
    const r = Math.min(ROUND, Math.hypot(px - x, py - y) / 2, Math.hypot(next[0] - px, next[1] - py) / 2)
    const [ax, ay] = towards(px, py, x, y, r)
    const [bx, by] = towards(px, py, next[0], next[1], r)
    d += `L${ax} ${ay}Q${px} ${py} ${bx} ${by}`
    ;[x, y] = [px, py]
  })
  return d
}

/** Where on a wire its tools stand: the middle of its way, but clear of the share beside the card. */
export function middleOf(points) {
  const lengths = points.slice(1).map(([x, y], i) => Math.abs(x - points[i][0]) + Math.abs(y - points[i][1]))
  const total = lengths.reduce((a, b) => a + b, 0)
  let left = Math.max(total / 2, Math.min(86, total * 0.7))
  for (const [i, length] of lengths.entries()) {
    if (left <= length) {
      const [x, y] = points[i], [tx, ty] = points[i + 1]
      const part = length ? left / length : 0
      return [x + (tx - x) * part, y + (ty - y) * part]
    }
    left -= length
  }
  return points.at(-1)
}

function towards(x, y, tx, ty, by) {
  const far = Math.hypot(tx - x, ty - y) || 1
  return [x + ((tx - x) / far) * by, y + ((ty - y) / far) * by]
}
