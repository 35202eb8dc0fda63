'use strict';
// Shows what has arrived since, every two seconds while the page is looked at. What is folded stays folded, what is open stays
// open, and nothing changes under a selection or while a path is being typed. Without this script there is the button Refresh.
{
  const main = document.querySelector('main');
  const refresh = document.querySelector('#refresh');
  let last = main.innerHTML;
  let busy = false;

  const inUse = () => {
    const selection = getSelection();
    return document.activeElement.tagName === 'INPUT'
      || (selection && !selection.isCollapsed && main.contains(selection.anchorNode));
  };
  // What has the focus: it has an id, or it is the summary of something that has one.
  const focused = () => {
    const active = document.activeElement;
    if (!main.contains(active)) return null;
    return active.id ? `#${CSS.escape(active.id)}`
      : active.tagName === 'SUMMARY' ? `#${CSS.escape(active.parentElement.id)} > summary` : null;
  };
  const show = (html) => {
    const page = new DOMParser().parseFromString(html, 'text/html');
    const fresh = page.querySelector('main');
    if (!fresh || fresh.innerHTML === last) return;
    last = fresh.innerHTML;
    for (const part of main.querySelectorAll('details[id]')) {
      const same = fresh.querySelector(`#${CSS.escape(part.id)}`);
      if (same) same.open = part.open;
    }
    const focus = focused();
    main.replaceChildren(...fresh.childNodes);
    document.title = page.title;
    if (focus) main.querySelector(focus)?.focus({ preventScroll: true });
  };
  const look = async () => {
    if (busy || document.hidden || inUse()) return;
    busy = true;
    try {
      const reply = await fetch(location.href);
      if (reply.ok && !inUse()) show(await reply.text());
      refresh.textContent = 'Refresh';
    } catch {
      refresh.textContent = 'Not running';
    }
    busy = false;
  };
  setInterval(look, 2000);
  document.addEventListener('visibilitychange', look);
}
