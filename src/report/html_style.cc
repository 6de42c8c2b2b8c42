#include "report/html_style.h"

namespace thorax::report {

// Text is 13, 15 or 20 px, distances are multiples of 8, one accent colour. Switches are inputs
// before the page; what they show is chosen by sibling selectors, so the page needs no script.
const char* const kStyle = R"css(
:root{--bg:#f4f5f7;--panel:#fff;--text:#1a1e23;--muted:#57606a;--line:#d5dae0;--soft:#e9edf1;
--accent:#0a5fb4;--on-accent:#fff;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--bg:#0e1114;--panel:#161a1f;--text:#e4e8ec;
--muted:#9ca8b4;--line:#2c343c;--soft:#222930;--accent:#6db5ff;--on-accent:#06121f}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:72px}
body{margin:0;background:var(--bg);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
h1,h2,h3,p,ul,ol,dl,dd,figure{margin:0;padding:0}
h1{font-size:15px;font-weight:600}
h2{font-size:20px;font-weight:600;line-height:24px;margin-bottom:16px}
h3{font-size:15px;font-weight:600}
a{color:var(--accent)}
ul{list-style:none}
small,.small,table,figcaption,nav,.bar-top{font-size:13px;line-height:20px}
.muted,small{color:var(--muted)}
.mono{font-family:ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.long,.plain li{overflow-wrap:anywhere}
.num{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.switch{position:fixed;top:0;left:0;opacity:0;pointer-events:none}
#lang-en:checked~.page [lang=ru],#lang-ru:checked~.page [lang=en]{display:none}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.bar-top{position:sticky;top:0;z-index:2;background:var(--panel);border-bottom:1px solid var(--line);
display:flex;flex-wrap:wrap;gap:8px 24px;align-items:center;padding:8px 24px}
.bar-top h1{margin-right:auto}
.bar-top h1 span.who{font-weight:400;color:var(--muted)}
.set{display:flex;border:1px solid var(--line);border-radius:4px;overflow:hidden}
.set label,.toggle{padding:2px 8px;cursor:pointer;color:var(--muted)}
.set label+label{border-left:1px solid var(--line)}
.toggle{border:1px solid var(--line);border-radius:4px}
#lang-en:checked~.page [for=lang-en],#lang-ru:checked~.page [for=lang-ru],
#win-best:checked~.page [for=win-best],#win-lung:checked~.page [for=win-lung],
#win-mediastinum:checked~.page [for=win-mediastinum],#marks:checked~.page [for=marks]{
background:var(--accent);color:var(--on-accent)}
#lang-en:focus-visible~.page [for=lang-en],#lang-ru:focus-visible~.page [for=lang-ru],
#win-best:focus-visible~.page [for=win-best],#win-lung:focus-visible~.page [for=win-lung],
#win-mediastinum:focus-visible~.page [for=win-mediastinum],#marks:focus-visible~.page [for=marks]{
outline:2px solid var(--accent);outline-offset:2px}
.ruo{flex-basis:100%;color:var(--muted)}
main{max-width:1440px;margin:0 auto;padding:24px;display:grid;gap:24px}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:24px;min-width:0}
.hero{display:grid;grid-template-columns:minmax(0,7fr) minmax(0,5fr);gap:24px;align-items:start}
.hero.alone{grid-template-columns:minmax(0,1fr)}
.planes{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}
.planes figure:first-child{grid-column:1/-1}
.planes figcaption,.keys figcaption{padding-top:8px}
.stack{position:relative;background:#000;border-radius:4px;overflow:hidden;display:block}
.stack img{display:none;width:100%;height:auto}
.stack img.over{position:absolute;inset:0}
#marks:checked~.page .stack img.over,#win-best:checked~.page .stack img.best,
#win-lung:checked~.page .stack img.lung,#win-mediastinum:checked~.page .stack img.mediastinum,
.page .stack img.only{display:block}
.keys{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,480px),1fr));gap:24px}
.keys figure:target{outline:2px solid var(--accent);outline-offset:8px;border-radius:4px}
.keys figure{position:relative}
.zoom{position:absolute;opacity:0;pointer-events:none}
.zoom:focus-visible+label .stack{outline:2px solid var(--accent);outline-offset:2px}
.zoom+label{cursor:zoom-in;display:block}
.zoom:checked+label{cursor:zoom-out}
.keys figure:has(.zoom:checked){grid-column:1/-1}
.legend{display:flex;flex-wrap:wrap;gap:0 16px;padding-top:4px}
.legend b{display:inline-block;min-width:24px;padding:0 4px;margin-right:8px;border-radius:4px;
background:#000;border:1px solid;text-align:center;font-weight:600}
.verdict{display:flex;gap:16px;align-items:center;padding-bottom:16px;border-bottom:1px solid var(--line)}
.verdict .sign{flex:none;width:40px;height:40px}
.verdict strong{display:block;font-size:20px;line-height:24px;font-weight:600}
.facts{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;padding:16px 0;
border-bottom:1px solid var(--line);font-size:13px;line-height:20px}
.facts dt{color:var(--muted)}
.verdict-cell{display:flex;gap:8px;align-items:flex-start}.verdict-cell .sign{width:20px;height:20px;flex:none}
.sign{stroke:var(--accent);fill:none;stroke-width:3}
.sign .full{fill:var(--accent);stroke:none}
.found{padding-top:16px}
.found>li{padding:8px 0;border-bottom:1px solid var(--soft)}
.found>li:last-child{border:0}
.head{display:flex;gap:8px;align-items:baseline;justify-content:space-between}
.evidence{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 16px;font-size:13px;
line-height:20px;padding-top:4px}
.evidence .bar{grid-column:1/-1}
.evidence small{grid-column:1/-1}
.where{font-size:13px;line-height:20px;padding-top:4px}
.bar{display:block;width:100%;height:10px;margin:2px 0}
.bar .track{fill:var(--soft)}.bar .fill{fill:var(--accent)}.bar .cut{fill:var(--text)}
.bar .normal{fill:var(--muted);fill-opacity:.6}.bar .mark{fill:var(--text)}.bar .mark.out{fill:var(--accent)}
.chart{display:block;width:100%;max-width:800px;height:auto}
.chart+figcaption{padding-bottom:16px}
.chart text{font-size:12px;fill:var(--muted)}
.chart .area{fill:var(--line)}.chart .low{fill:var(--accent)}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,304px),1fr));gap:24px;padding-top:16px}
.plot{max-width:368px}.plot .grid{stroke:var(--soft)}.plot .dot{fill:var(--accent)}
.chart .curve{fill:none;stroke:var(--accent);stroke-width:2}
.sample{width:32px;height:8px;display:inline-block;margin-right:8px}
.chart .axis{stroke:var(--muted)}.chart .at{stroke:var(--text);stroke-dasharray:4 3}
.scroll{overflow-x:auto}p+.scroll{margin-top:16px}
table{border-collapse:collapse;width:100%}
th{text-align:left;font-weight:600;color:var(--muted);border-bottom:1px solid var(--line)}
th,td{padding:8px 16px 8px 0;vertical-align:top}
td{border-bottom:1px solid var(--soft)}
th[scope=row]{color:var(--text);border-bottom-color:var(--soft)}
tr:last-child:not(:first-child)>*{border-bottom:0}
td .bar{width:144px}
.off{font-weight:600;white-space:nowrap}
.plain{list-style:none;display:grid;gap:8px}
.plain li{padding-left:24px;position:relative}
.plain li::before{content:attr(data-sign);position:absolute;left:0;color:var(--accent);font-weight:600}
.prose{max-width:76ch;display:grid;gap:8px}
.prose h3{padding-top:8px}
.two{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:24px}
.refusal{display:grid;gap:16px}.refusal p{max-width:76ch}
.refusal strong{font-size:20px;line-height:28px}
.refusal .do{border-left:4px solid var(--accent);padding-left:16px}
nav{display:flex;flex-wrap:wrap;gap:0 16px}
footer{padding:0 24px 24px;max-width:1440px;margin:0 auto}
@media screen and (max-width:960px){.hero,.two,.planes{grid-template-columns:minmax(0,1fr)}main{padding:16px}}
@page{size:A4;margin:14mm 12mm 16mm;
@bottom-center{content:"Research use only · Только для исследовательских целей";
font:11px system-ui,sans-serif;color:#555}
@bottom-right{content:counter(page) " / " counter(pages);font:11px system-ui,sans-serif;color:#555}}
@media print{:root{--bg:#fff;--panel:#fff;--text:#000;--muted:#444;--line:#bbb;--soft:#ddd;
--accent:#0a4f96;--on-accent:#fff;color-scheme:light}
body{font-size:13px;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.bar-top{position:static;padding:0 0 8px}.set,.toggle,nav{display:none}
main,footer{padding:0;max-width:none}main{display:block}
.panel{border:0;border-radius:0;padding:8px 0 16px;border-top:1px solid var(--line)}
.hero{grid-template-columns:minmax(0,6fr) minmax(0,5fr);gap:16px}.hero>.panel{border:0;padding:8px 0}
.keys{grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}
h2{margin-bottom:8px;break-after:avoid}
figure,tr,.found>li,.prose>div,.verdict,.plain li{break-inside:avoid}
.two{display:block}.scroll{overflow:visible}th,td{padding:4px 8px 4px 0}td .bar{width:96px}
a{color:inherit;text-decoration:none}}
)css";

}  // namespace thorax::report
