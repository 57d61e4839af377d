/* Sojourn on your site: shows the messages that wait for a visitor. No cookie, no markup from anywhere, no eval.
   <script async src="https://HOST/on-site/inbox.js" data-key="WRITE KEY" data-user="42" data-proof="HASH"></script> */
(() => {
  "use strict";
  const tag = document.currentScript;
  if (!tag || window.sojourn) return;
  const said = tag.dataset, base = new URL(tag.src).origin;
  const words = {
    en: ["Close", "Messages", "No messages", "New message"], cs: ["Zavřít", "Zprávy", "Žádné zprávy", "Nová zpráva"],
    sk: ["Zavrieť", "Správy", "Žiadne správy", "Nová správa"],
    de: ["Schließen", "Nachrichten", "Keine Nachrichten", "Neue Nachricht"],
  }[(document.documentElement.lang || navigator.language || "").slice(0, 2)] ||
    ["Close", "Messages", "No messages", "New message"];

  const style = `
:host{all:initial;color-scheme:light dark}
*{box-sizing:border-box;font:inherit;color:inherit;margin:0}
.all{--ink:#1b1e24;--soft:#565c68;--ground:#fff;--line:#d9dce3;--main:var(--sojourn-color,#4f46e5);--on:var(--sojourn-on,#fff);
font:16px/1.5 system-ui,sans-serif;color:var(--ink)}
@media (prefers-color-scheme:dark){.all{--ink:#f0f1f4;--soft:#b4b9c4;--ground:#1f222a;--line:#3b404c;--ring:#a5b4fc}}
.box{background:var(--ground);color:var(--ink);border:1px solid var(--line);border-radius:12px;padding:16px;
box-shadow:0 8px 30px #0003;display:grid;gap:8px;overflow-wrap:anywhere}
.banner{position:fixed;inset:0 0 auto;z-index:2147483000;border-radius:0;border-width:0 0 1px;
grid-template-columns:1fr auto auto;align-items:center}
.card{position:fixed;right:16px;bottom:16px;z-index:2147483000;width:min(360px,calc(100vw - 32px));max-height:80vh;overflow:auto}
dialog{width:min(480px,calc(100vw - 32px));max-height:85vh;overflow:auto;margin:auto}
dialog:not([open]){display:none}
dialog::backdrop{background:#0009}
.head{display:flex;gap:8px;align-items:center;justify-content:space-between}
h2{font-weight:600;font-size:17px;flex:1}
p{white-space:pre-line}
img{max-width:100%;max-height:240px;border-radius:8px;object-fit:cover}
a,button{min-height:44px;min-width:44px;border-radius:8px;padding:8px 16px;cursor:pointer;border:0;background:none}
a{background:var(--main);color:var(--on);text-decoration:none;display:inline-flex;align-items:center;justify-self:start}
.x{font-size:20px;line-height:1;padding:8px;margin:-8px -8px -8px 0;color:var(--soft)}
a:focus-visible,button:focus-visible{outline:3px solid var(--ring,var(--main));outline-offset:2px}
ul{list-style:none;padding:0;display:grid;gap:12px}
li{border-top:1px solid var(--line);padding-top:12px;display:grid;gap:8px}
.unseen h2::before{content:"";display:inline-block;width:8px;height:8px;border-radius:50%;background:var(--main);margin-right:8px}
time{color:var(--soft);font-size:14px}
.heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media (prefers-reduced-motion:no-preference){.card,.banner{animation:in .2s ease-out}@keyframes in{from{opacity:0}}}`;

  const make = (name, props = {}, ...inside) => {
    const made = Object.assign(document.createElement(name), props);
    made.append(...inside.filter(Boolean));
    return made;
  };
  const host = make("sojourn-messages"), root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const heard = make("div", { className: "heard" }), all = make("div", { className: "all" }, heard);
  heard.setAttribute("role", "status");
  root.append(all);

  const who = () => {
    const query = new URLSearchParams();
    if (said.user) query.set("userId", said.user);
    else if (said.anonymous) query.set("anonymousId", said.anonymous);
    return query;
  };
  const call = (path, query, method = "GET") =>
    fetch(`${base}/v1/inbox${path}?${query}`, {
      method, mode: "cors", credentials: "omit", keepalive: method === "POST", referrerPolicy: "no-referrer",
      headers: { authorization: "Basic " + btoa(`${said.key}:${said.proof || said.token || ""}`) },
    });
  const tell = (one, what) => call(`/${one.id}/${what}`, who(), "POST").catch(() => {});
  const safe = (address) => {
    try {
      return ["http:", "https:", "mailto:", "tel:"].includes(new URL(address, location.href).protocol) ? address : "";
    } catch { return ""; }
  };

  let messages = [], open = {};
  const cross = (done) => {
    const button = make("button", { type: "button", className: "x", textContent: "×", onclick: done });
    button.setAttribute("aria-label", words[0]);
    return button;
  };
  const link = (one, done) => {
    if (!one.button || !safe(one.url)) return null;
    return make("a", { href: one.url, textContent: one.button, onclick: () => { tell(one, "clicked"); done && done(); } });
  };
  const body = (one, close) => {
    const title = one.title ? make("h2", { textContent: one.title }) : make("span");
    const picture = one.picture && safe(one.picture) && make("img", { src: one.picture, alt: "", loading: "lazy" });
    return [make("div", { className: "head" }, title, close), picture, make("p", { textContent: one.text }), link(one)];
  };
  const seen = (one) => { if (!one.told) { one.told = one.seen = true; tell(one, "seen"); count(); } };
  const close = (one, element) => {
    tell(one, "closed");
    messages = messages.filter((other) => other.id !== one.id);
    delete open[one.placement];
    if (element.open) element.close();
    element.remove();
    count();
  };

  const show = (one) => {
    const modal = one.placement === "modal";
    const element = make(modal ? "dialog" : "section", { className: "box " + one.placement });
    element.setAttribute("aria-label", one.title || words[3]);
    const done = () => close(one, element);
    const [head, picture, text, button] = body(one, null);
    if (one.placement === "banner") {
      element.append(make("div", {}, one.title && head, text), button || make("span"), cross(done));
    } else {
      head.append(cross(done));
      element.append(...[head, picture, text, button].filter(Boolean));
    }
    all.append(element);
    open[one.placement] = one.id;
    if (modal) {
      element.addEventListener("cancel", (event) => { event.preventDefault(); done(); });
      element.showModal();
    } else {
      element.addEventListener("keydown", (event) => { if (event.key === "Escape") done(); });
      heard.textContent = [one.title, one.text].filter(Boolean).join(". ");
    }
    seen(one);
  };

  const list = () => {
    const dialog = make("dialog", { className: "box" });
    dialog.setAttribute("aria-label", words[1]);
    const items = messages.map((one) => {
      const item = make("li", { className: one.seen ? "" : "unseen" });
      const when = make("time", { textContent: new Date(one.at).toLocaleDateString(document.documentElement.lang || undefined) });
      const gone = cross(() => {
        close(one, item);
        (dialog.querySelector("li button") || dialog.querySelector("button")).focus();
      });
      gone.setAttribute("aria-label", `${words[0]}: ${one.title || one.text.slice(0, 60)}`);
      item.append(...body(one, gone).filter(Boolean), when);
      return item;
    });
    const head = make("div", { className: "head" }, make("h2", { textContent: words[1] }), cross(() => dialog.close()));
    dialog.append(head, items.length ? make("ul", {}, ...items) : make("p", { textContent: words[2] }));
    dialog.addEventListener("close", () => dialog.remove());
    all.append(dialog);
    dialog.showModal();
    messages.forEach(seen);
  };

  const count = () => {
    const unread = messages.filter((one) => !one.seen).length;
    api.unread = unread;
    document.querySelectorAll("[data-sojourn-inbox]").forEach((bell) => { bell.dataset.count = unread || ""; });
    document.dispatchEvent(new CustomEvent("sojourn:inbox", { detail: { unread, all: messages.length } }));
  };

  const refresh = async () => {
    const query = who();
    query.set("page", location.href.split("#")[0]);
    try {
      const answer = await call("", query);
      if (!answer.ok) { console.warn("Sojourn:", (await answer.json()).error); return; }
      messages = (await answer.json()).messages;
    } catch { return; }
    count();
    for (const one of messages) {
      if (one.show && !open[one.placement]) show(one);
    }
  };

  const api = { refresh, open: list, unread: 0,
    identify: (given) => { Object.assign(said, given); return refresh(); } };
  window.sojourn = api;
  const begin = () => { document.body.append(host); refresh(); };
  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("[data-sojourn-inbox]")) list();
  });
  window.addEventListener("popstate", refresh);
  if (document.body) begin(); else document.addEventListener("DOMContentLoaded", begin);
})();
