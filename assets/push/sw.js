/* Sojourn in a service worker: shows what was pushed, opens its page, and tells what became of it.
   The worker's own file, on your site, holds one line: importScripts("https://HOST/push/sw.js"); */
(() => {
  "use strict";
  const given = new URL(self.location.href).searchParams;
  const web = (address) => {
    try { return /^https?:$/.test(new URL(address).protocol) ? address : ""; } catch { return ""; }
  };
  const tell = (address, method = "POST") =>
    web(address)
      ? fetch(address, { method, mode: "no-cors", credentials: "omit", cache: "no-store", keepalive: true,
                         referrerPolicy: "no-referrer" }).catch(() => {})
      : Promise.resolve();

  self.addEventListener("push", (event) => {
    let said = null;
    try { said = event.data && event.data.json(); } catch { /* another sender's */ }
    if (!said || typeof said !== "object" || typeof said.title !== "string") return;
    const options = { body: said.text || "", data: { sojourn: true, link: web(said.link), opened: said.opened, closed: said.closed } };
    for (const name of ["icon", "image"]) if (web(said[name])) options[name] = said[name];
    if (said.tag) Object.assign(options, { tag: said.tag, renotify: true });
    if (said.stays) options.requireInteraction = true;
    event.waitUntil(Promise.all([self.registration.showNotification(said.title, options), tell(said.shown)]));
  });

  const front = async () => {
    const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    return open.length ? open[0].focus() : self.clients.openWindow("/");
  };
  self.addEventListener("notificationclick", (event) => {
    const known = event.notification.data;
    if (!known || !known.sojourn) return;
    event.notification.close();
    /* the link itself counts the click, and leads on */
    event.waitUntil(known.link ? self.clients.openWindow(known.link) : Promise.all([front(), tell(known.opened, "GET")]));
  });
  self.addEventListener("notificationclose", (event) => {
    const known = event.notification.data;
    if (known && known.sojourn) event.waitUntil(tell(known.closed));
  });

  self.addEventListener("pushsubscriptionchange", (event) => {
    const before = event.oldSubscription, base = given.get("base"), key = given.get("key");
    if (!before || !base) return;
    const again = event.newSubscription
      ? Promise.resolve(event.newSubscription)
      : self.registration.pushManager.subscribe(before.options);
    event.waitUntil(again.then((subscription) => fetch(`${base}/push/subscribe`, {
      method: "POST", credentials: "omit", headers: { "content-type": "text/plain" },
      body: JSON.stringify({ writeKey: key, old: before.endpoint, subscription }),
    })).catch(() => {}));
  });
})();
