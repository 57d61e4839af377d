// How numbers are said on a card.
export function short(n) {
  if (n >= 999_500) return `${trim(n / 1e6)}M`
  if (n >= 9_950) return `${trim(n / 1e3)}k`
  return Math.round(n).toLocaleString('en')
}
const trim = (n) => (n < 99.95 ? n.toFixed(1).replace(/\.0$/, '') : Math.round(n))

/** A share of 1 as whole per cent; what is there but tiny is said to be so. */
export function percent(share) {
  if (share > 0 && share < 0.01) return '<1 %'
  return `${Math.round(share * 100)} %`
}

/** Black or white, whichever is better read on this colour. */
export function onColour(colour) {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour)?.[1]
  if (!hex) return '#fff'
  const [r, g, b] = [0, 2, 4].map((i) => {
    const part = parseInt(hex.slice(i, i + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? '#111318' : '#fff'
}
