// What the server is not known to have stored, in order. It outlives a reload of the page, in this tab of this browser.
export function createUnsent(journey, person) {
  const key = `journey-unsent:${journey}:${person}`
  let entries = []
  try { entries = JSON.parse(sessionStorage.getItem(key)) } catch { /* a browser that keeps nothing */ }
  entries = Array.isArray(entries) ? entries.map((entry) => ({ ...entry, kept: true })) : []

  function keep() {
    const plain = entries.map(({ page, seq, intent }) => ({ page, seq, intent }))
    try {
      plain.length ? sessionStorage.setItem(key, JSON.stringify(plain)) : sessionStorage.removeItem(key)
    } catch { /* full, or forbidden: it is still in memory */ }
  }
  return {
    all: () => entries,
    keep,
    add(entry) { entries.push(entry) },
    drop(is) { entries = entries.filter((entry) => !is(entry)); keep() },
    pop() { const last = entries.pop(); keep(); return last },
    find: (page, seq) => entries.find((entry) => entry.page === page && entry.seq === seq),
    oldest: (page) => entries.find((entry) => entry.page === page).seq,
  }
}
