/* Sojourn web push on your site: asks politely, subscribes, remembers who it is. No cookie, no dependency.
   <script async src="https://HOST/push/push.js" data-key="WRITE KEY" data-worker="/sojourn-push.js"></script> */
(() => {
  "use strict";
  const tag = document.currentScript;
  if (!tag || window.sojournPush) return;
  const said = tag.dataset, base = new URL(tag.src).origin, DAY = 864e5;
  const worker = said.worker || "/sojourn-push.js";
  const words = {
    en: ["May we tell you about news here?", "Yes, tell me", "Not now"],
    cs: ["Můžeme vám sem posílat novinky?", "Ano, posílejte", "Teď ne"],
    sk: ["Môžeme vám sem posielať novinky?", "Áno, posielajte", "Teraz nie"],
    de: ["Dürfen wir Ihnen hier Neues melden?", "Ja, gern", "Jetzt nicht"],
  }[(document.documentElement.lang || navigator.language || "").slice(0, 2)] ||
    ["May we tell you about news here?", "Yes, tell me", "Not now"];
  const asked = said.question || words[0];

  const kept = (name, value) => {
    try {
      if (value === undefined) return localStorage.getItem(name);
      localStorage.setItem(name, value);
    } catch { /* a browser that keeps nothing */ }
    return null;
  };
  const segment = (name) => {
    try { return JSON.parse(kept(name) || "null") || undefined; } catch { return undefined; }
  };
  const who = () => {
    const userId = said.user || segment("ajs_user_id");
    let anonymousId = said.anonymous || segment("ajs_anonymous_id") || kept("sojourn_anonymous_id");
    if (!userId && !anonymousId) kept("sojourn_anonymous_id", anonymousId = crypto.randomUUID());
    return { userId, anonymousId: anonymousId || undefined, proof: said.proof };
  };
  const able = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const send = async (path, body) => {
    const answer = await fetch(base + path, {
      method: "POST", credentials: "omit", referrerPolicy: "no-referrer", headers: { "content-type": "text/plain" },
      body: JSON.stringify({ writeKey: said.key, page: location.origin + location.pathname, ...body }),
    });
    const known = await answer.json();
    if (!answer.ok) throw new Error(known.error);
    return known;
  };
  const changed = () => document.dispatchEvent(new CustomEvent("sojourn:push", { detail: { state: state() } }));
  const state = () => (able() ? Notification.permission : "unsupported");

  let rules;
  const registered = () => {
    const address = new URL(worker, location.href);
    address.search = new URLSearchParams({ base, key: said.key || "" });
    rules = rules || window.trustedTypes && trustedTypes.createPolicy("sojourn-push", { createScriptURL: (one) => one });
    const script = rules ? rules.createScriptURL(address.href) : address.href;
    return navigator.serviceWorker.register(script).then(() => navigator.serviceWorker.ready);
  };
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const same = (one, other) => one && one.byteLength === other.length && new Uint8Array(one).every((value, at) => value === other[at]);

  const subscribe = async () => {
    if (!able()) return "unsupported";
    const permission = await Notification.requestPermission();
    if (permission !== "granted") { changed(); return permission; }
    const key = bytes((await (await fetch(`${base}/push/key`)).json()).key);
    const { pushManager } = await registered();
    let subscription = await pushManager.getSubscription();
    if (subscription && !same(subscription.options.applicationServerKey, key)) {
      await subscription.unsubscribe();
      subscription = null;
    }
    subscription = subscription || await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    await send("/push/subscribe", { subscription, ...who(), topic: said.topic, asked,
                                    language: document.documentElement.lang || navigator.language });
    remember(subscription);
    changed();
    return permission;
  };
  const mark = (subscription) => JSON.stringify([subscription.endpoint, said.user, Math.floor(Date.now() / DAY)]);
  const remember = (subscription) => kept("sojourn_push", mark(subscription));

  const current = async () => {
    const known = able() && await navigator.serviceWorker.getRegistration(worker);
    return known && known.pushManager ? known.pushManager.getSubscription() : null;
  };
  const unsubscribe = async () => {
    const subscription = await current();
    if (!subscription) return;
    await send("/push/unsubscribe", { endpoint: subscription.endpoint });
    await subscription.unsubscribe();
    kept("sojourn_push", "");
    changed();
  };
  /* Who signed in since, or a day later: the same browser, told again; nothing is asked and nothing agreed to. */
  const refresh = async () => {
    const subscription = state() === "granted" && await current();
    if (!subscription || kept("sojourn_push") === mark(subscription)) return;
    await send("/push/subscribe", { subscription, ...who(), again: true });
    remember(subscription);
  };

  const ask = () => {
    if (state() !== "default" || Date.now() - (kept("sojourn_push_later") || 0) < 30 * DAY) return false;
    if (document.querySelector("sojourn-push")) return false;
    const host = document.createElement("sojourn-push"), root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
:host{all:initial;color-scheme:light dark}
section{--ink:#1b1e24;--ground:#fff;--line:#d9dce3;--main:var(--sojourn-color,#4f46e5);--on:var(--sojourn-on,#fff);
position:fixed;left:16px;bottom:16px;z-index:2147483000;width:min(360px,calc(100vw - 32px));box-sizing:border-box;padding:16px;
background:var(--ground);color:var(--ink);border:1px solid var(--line);border-radius:12px;box-shadow:0 8px 30px #0003;
font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){section{--ink:#f0f1f4;--ground:#1f222a;--line:#3b404c;--ring:#a5b4fc}}
p{margin:0 0 12px}
button{font:inherit;color:inherit;min-height:44px;padding:8px 16px;margin:0 8px 0 0;border:1px solid var(--line);border-radius:8px;
background:none;cursor:pointer}
.yes{background:var(--main);color:var(--on);border-color:var(--main)}
button:focus-visible{outline:3px solid var(--ring,var(--main));outline-offset:2px}`);
    root.adoptedStyleSheets = [sheet];
    const box = document.createElement("section"), text = document.createElement("p");
    box.setAttribute("aria-label", asked);
    text.textContent = asked;
    const later = () => { kept("sojourn_push_later", Date.now()); host.remove(); };
    const button = (word, name, done) => {
      const made = document.createElement("button");
      Object.assign(made, { type: "button", textContent: word, className: name, onclick: done });
      return made;
    };
    box.addEventListener("keydown", (event) => { if (event.key === "Escape") later(); });
    box.append(text, button(words[1], "yes", () => { host.remove(); subscribe().catch(warn); }), button(words[2], "no", later));
    root.append(box);
    document.body.append(host);
    return true;
  };

  const warn = (problem) => console.warn("Sojourn:", problem.message);
  window.sojournPush = { ask, subscribe, unsubscribe, state, identify: (given) => { Object.assign(said, given); return refresh(); } };
  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("[data-sojourn-push]")) subscribe().catch(warn);
  });
  const begin = () => {
    refresh().catch(warn);
    if ("ask" in said) setTimeout(ask, 1000 * (Number(said.ask) || 20));
  };
  if (document.body) begin(); else document.addEventListener("DOMContentLoaded", begin);
})();
