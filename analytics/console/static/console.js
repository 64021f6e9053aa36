// The console's one script: charts drawn from JSON in the page, and the live parts of the page Now.
"use strict";

(() => {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);

  // A colour as the style sheet has it now: charts follow light and dark.
  const colourOf = (name) => {
    probe.style.color = name;
    return getComputedStyle(probe).color;
  };
  const coloured = (value) => {
    if (typeof value === "string") return value.startsWith("var(--") ? colourOf(value) : value;
    if (Array.isArray(value)) return value.map(coloured);
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, coloured(one)]));
    return value;
  };

  const axis = (given) => [].concat(given).map((one) => ({
    ...one,
    axisLine: { lineStyle: { color: "var(--strong-line)" }, ...one.axisLine },
    axisLabel: { color: "var(--muted)", hideOverlap: true, ...one.axisLabel },
    nameTextStyle: { color: "var(--muted)", ...one.nameTextStyle },
    splitLine: { lineStyle: { color: "var(--line)" }, ...one.splitLine },
  }));

  // What every chart shares; tooltips are drawn on the canvas, because written ones need inline styles.
  const whole = (option) => coloured({
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    ...option,
    grid: { left: 8, right: 20, top: 34, bottom: 8, containLabel: true, ...option.grid },
    legend: option.legend && { type: "scroll", top: 0, left: 0, right: 0, itemHeight: 9, itemWidth: 14, itemGap: 8, textStyle: { color: "var(--ink)" }, ...option.legend },
    tooltip: {
      trigger: "axis", backgroundColor: "var(--raised)", borderColor: "var(--line)",
      textStyle: { color: "var(--ink)", fontSize: 12 }, confine: true, ...option.tooltip, renderMode: "richText",
    },
    xAxis: option.xAxis && axis(option.xAxis),
    yAxis: option.yAxis && axis(option.yAxis),
  });

  const charts = new Map();
  const draw = (place, option) => {
    if (!window.echarts) return;
    let chart = charts.get(place);
    if (!chart) {
      chart = window.echarts.init(place, null, { renderer: "canvas" });
      charts.set(place, chart);
      new ResizeObserver(() => chart.resize()).observe(place);
    }
    place.chartOption = option;
    chart.setOption(whole(option), { notMerge: true });
  };
  const drawAll = () => document.querySelectorAll("[data-chart]").forEach((place) => {
    const source = document.getElementById(place.dataset.chart);
    draw(place, place.chartOption || JSON.parse(source.textContent));
  });
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);

  // Live parts: the server sends each part's text; one that has not changed is left alone, the focus stays.
  const live = document.querySelector("[data-live]");
  if (!live) return;
  const shown = new Map();
  const button = document.getElementById("live-pause");
  let source = null;
  let isPaused = false;
  let again = 0;

  const said = document.getElementById("live-said");

  // The time is shown at every look, but read out is only that something has changed.
  const say = (state, text) => {
    if (live.dataset.state !== state) said.textContent = state === "live" ? "Live" : text;
    live.dataset.state = state;
    live.textContent = text;
  };
  // What a visitor has opened, scrolled and focused in a part stays as it was.
  const FOCUSABLE = "a, summary, [tabindex]";
  const standing = (part) => ({
    open: [...part.querySelectorAll("details")].map((one) => one.open),
    scrolled: [...part.querySelectorAll(".scroll")].map((one) => one.scrollLeft),
    focused: [...part.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement),
    href: part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null,
  });
  const restore = (part, kept) => {
    part.querySelectorAll("details").forEach((one, at) => { one.open = Boolean(kept.open[at]); });
    part.querySelectorAll(".scroll").forEach((one, at) => { one.scrollLeft = kept.scrolled[at] || 0; });
    if (kept.focused < 0) return;
    const all = [...part.querySelectorAll(FOCUSABLE)];
    const same = kept.href ? all.find((one) => one.getAttribute("href") === kept.href) : all[kept.focused];
    same?.focus({ preventScroll: true });
  };
  const put = (name, text) => {
    const part = document.getElementById(name);
    if (!part || shown.get(name) === text) return;
    shown.set(name, text);
    const kept = standing(part);
    part.innerHTML = text;
    restore(part, kept);
  };
  // A browser has six connections to a host: a page that nobody sees lets go of its own.
  const leave = () => {
    clearTimeout(again);
    source?.close();
    source = null;
  };
  const isWanted = () => !isPaused && !document.hidden;
  const listen = () => {
    leave();
    if (!isWanted()) return;
    source = new EventSource(live.dataset.live);
    source.addEventListener("now", (event) => {
      const told = JSON.parse(event.data);
      Object.entries(told.parts).forEach(([name, text]) => put(name, text));
      Object.entries(told.charts).forEach(([name, option]) => {
        const place = document.querySelector(`[data-chart="chart-${name}"]`);
        if (place) draw(place, option);
      });
      say("live", `Live, as of ${told.at} UTC`);
    });
    source.addEventListener("trouble", (event) => say("lost", JSON.parse(event.data).says));
    source.addEventListener("over", () => { leave(); location.reload(); });
    source.onerror = (event) => {
      say("lost", "Connection lost; trying again");
      if (event.target.readyState === EventSource.CLOSED) again = setTimeout(listenAnew, AGAIN_MS);
    };
  };
  // A browser tries again by itself only where it had no answer; after another than 200 the page does. Where the page
  // itself leads elsewhere by now, as to sign-in, it goes there.
  const AGAIN_MS = 3000;
  const listenAnew = async () => {
    const page = await fetch(location.href, { redirect: "manual" }).catch(() => null);
    if (page?.type === "opaqueredirect") location.reload();
    else if (!source || source.readyState === EventSource.CLOSED) listen();
  };
  document.addEventListener("visibilitychange", () => { if (isWanted()) listen(); else leave(); });
  button.hidden = false;
  button.addEventListener("click", () => {
    isPaused = !isPaused;
    button.textContent = isPaused ? "Go on" : "Pause";
    listen();
    if (isPaused) say("paused", "Paused");
  });
  listen();
})();
