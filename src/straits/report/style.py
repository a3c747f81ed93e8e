"""The page's style: the tokens of the look, screen, phone and paper."""

from __future__ import annotations

from typing import Final

__all__ = ["STYLE"]

_TOKENS: Final = """
:root{color-scheme:light;--paper:#FCFBF8;--ink:#1A1D21;--ink-2:#4E545B;--ink-3:#686D74;
--rule:#DAD7CF;--hair:#E8E5DE;--mark:#1F5A8C;--band-90:#D3E0EA;--ref-band:#E6E4DD;--mark-2:#9A6000;
--mark-3:#6B6A9A;--sea:#E4ECEF;--land:#F6F3EC;--coast:#A3ADB0;--disc:#6E8596;
--serif:Charter,"Bitstream Charter","Iowan Old Style","Sitka Text",Cambria,"Noto Serif",P052,
Georgia,serif;
--sans:"Source Sans 3","Source Sans Pro",Seravek,"Segoe UI","Noto Sans","Liberation Sans",system-ui,
sans-serif;--mono:"SF Mono","Cascadia Mono","DejaVu Sans Mono",monospace}
"""

_TEXT: Final = """
*{box-sizing:border-box}
html{background:var(--paper);-webkit-text-size-adjust:100%}
body{margin:0;color:var(--ink);font:14px/20px var(--sans);
font-variant-numeric:tabular-nums lining-nums}
.page{max-width:1112px;margin:0 auto;padding:0 24px 40px}
a{color:inherit;text-underline-offset:2px}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--ink);
outline-offset:2px}
.away,.skip:not(:focus){position:absolute;width:1px;height:1px;overflow:hidden;
clip-path:inset(50%);white-space:nowrap}
header.top{display:flex;justify-content:space-between;gap:16px;align-items:baseline;
padding:20px 0 8px;
border-bottom:1px solid var(--ink);font-size:13px;color:var(--ink-2)}
header.top b{font:700 19px/24px var(--serif);color:var(--ink);margin-right:8px}
h1{font:700 42px/46px var(--serif);margin:14px 0 10px;max-width:24em;text-wrap:balance}
.plain{font:400 17px/26px var(--serif);margin:0 0 8px;max-width:58em}
.prov{font-size:12px;line-height:18px;color:var(--ink-3);margin:0 0 20px}
h2{font:700 19px/24px var(--serif);margin:0 0 4px;padding-top:10px;border-top:2px solid var(--ink)}
h3{font:700 15px/19px var(--sans);margin:20px 0 4px}
section{margin:0 0 40px}
.lead{margin:0 0 12px;color:var(--ink-2);max-width:62em}
.note{font-size:12px;line-height:17px;color:var(--ink-3);margin:8px 0}
small{display:block;font-size:11px;line-height:14px;font-weight:400;color:var(--ink-3)}
.key{display:flex;flex-wrap:wrap;gap:4px 20px;font-size:12px;line-height:17px;color:var(--ink-3);
margin:8px 0 4px}
.key span{display:inline-flex;align-items:center;gap:6px}
nav ul{display:flex;gap:4px 20px;list-style:none;padding:0;overflow-x:auto;
margin:0;font-size:13px;color:var(--ink-2)}
nav a{display:inline-block;padding:6px 0;text-decoration:none}nav a:hover{text-decoration:underline}
details{margin:8px 0;border-bottom:1px solid var(--rule)}
summary{cursor:pointer;padding:6px 0;font-weight:700;font-size:13px;min-height:32px}
code,pre{font:12.5px/18px var(--mono)}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border-left:2px solid var(--rule);padding:4px 0 4px
12px;margin:8px 0}
ul.plainlist{padding-left:18px;margin:0;max-width:62em}
footer{border-top:1px solid var(--rule);padding-top:10px;font-size:12px;color:var(--ink-3)}
dl{margin:0}
dl div{display:grid;grid-template-columns:170px 1fr;gap:16px;padding:4px 0;
border-top:1px solid var(--hair)}
dt{color:var(--ink-3);font-size:13px}dd{margin:0}
.card{break-inside:avoid;border-top:1px solid var(--rule);padding:2px 0 12px}
.card p{margin:4px 0 8px;font:16px/24px var(--serif)}.card h3{margin-top:12px}
.cards{columns:2;column-gap:40px}
"""

_TABLES: Final = """
.scroll{overflow-x:auto;max-width:100%;margin:4px 0 12px}
table{border-collapse:collapse}
table.data{font-size:12.5px;line-height:17px;min-width:100%}
.data caption{text-align:left;color:var(--ink-3);font-size:12px;padding:2px 0 6px}
.data th,.data td{padding:4px 12px 4px 0;text-align:right;vertical-align:top;font-weight:400;
border-bottom:1px solid var(--hair)}
.data th:first-child,.data .w,.data.words th,.data.words td{text-align:left}
.data thead th{color:var(--ink-3);border-bottom:1px solid var(--ink-2);vertical-align:bottom}
.data tbody th{font-weight:400}.data .sub th{font-weight:700;padding-top:12px;text-align:left}
.data.words{table-layout:fixed}.c14{width:14%}.c20{width:20%}.c30{width:30%}
.c6{width:6%}.data.words th,.data.words td{overflow-wrap:anywhere}
.score{width:100%;table-layout:fixed}
.score th,.score td{padding:3px 8px 3px 0;text-align:left;vertical-align:top;font-size:13px;
line-height:17px;font-weight:400;overflow-wrap:break-word}
.score th{font-weight:700}
.score.wide>thead td:first-child,.score.wide th[scope=row],
.score.wide .names th:first-child{width:124px}
.score .groups th span{display:block;border-top:2px solid var(--ink);padding-top:4px;font-size:13px}
.score .groups td{border:0}
.score .names th{font-weight:400;vertical-align:bottom;font-size:12px;line-height:15px}
.score .names th:first-child{color:var(--ink-3)}
.score .levels td,.score .levels th{font-size:13px;padding-top:4px}
.score .levels th{color:var(--ink-2);font-size:12px}
.score .asks td{padding:2px 0 0}.score .axes td{padding-top:2px;border:0!important}
.score tbody tr>*{border-top:1px solid var(--hair)}
.score tbody td span{color:var(--ink-2)}
.score tbody td b,.score tbody td span{font-size:14px}
.score .asks>*{border:0!important}
.wh{display:block;overflow:visible}
.key .wh{display:inline-block;flex:none}
.who i{font-style:normal;color:var(--mark);font-size:11px}
table.who:not(.wide){width:100%;font-size:13px}
table.who:not(.wide) th{text-align:left;font-weight:400;padding:5px 12px 5px 0;vertical-align:top}
table.who:not(.wide) td{text-align:right;vertical-align:top;padding:5px 0;white-space:nowrap}
table.who:not(.wide) tr>*{border-top:1px solid var(--hair)}
.score.who .names th:first-child{width:112px}.score.who td small{font-size:11px}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(318px,1fr));gap:20px 32px}
.panel{break-inside:avoid}
.panel h3{border-top:2px solid var(--ink);padding-top:8px;margin:0 0 2px}
.panel.more{border-top:1px solid var(--rule);padding-top:8px}
.pm{display:flex;justify-content:space-between;gap:12px;margin:0;font-size:13px}
.pm i{font-style:normal;color:var(--ink-3);font-size:12px}
.pm span:last-child{white-space:nowrap;text-align:right}
.c-wh{width:142px}.c-num{width:98px}
.panel .score td:last-child{text-align:right;padding-right:0}
.panel .score th,.panel .score td{vertical-align:middle}
"""

_DRAWINGS: Final = """
svg text{font-family:var(--sans);font-size:11px;fill:var(--ink-3)}
svg .s{text-anchor:start}svg .m{text-anchor:middle}svg .e{text-anchor:end}
.zero{stroke:var(--ink-2);stroke-width:1}.zero.faint{stroke:var(--rule)}
.thin{stroke:var(--mark);stroke-width:1.3}.thick{stroke:var(--mark);stroke-width:4;stroke-opacity:.38}
.cut{fill:none;stroke:var(--mark);stroke-width:1.3}circle.full{fill:var(--mark)}circle.open{fill:var(--paper);stroke:var(--mark);stroke-width:1.4}
.none{stroke:var(--ink);stroke-width:2.4}
.defs{position:absolute}
.maps{display:grid;grid-template-columns:1fr 1fr;gap:16px 24px}
figure{margin:0;min-width:0}
figcaption{margin-bottom:6px}figcaption b{display:block;font-size:14px;line-height:19px}
figcaption span{display:block;font-size:12px;line-height:16px;color:var(--ink-3)}
.mapbox{display:flex;flex-direction:column;justify-content:space-between}
svg.map{display:block;width:100%;height:auto}
.sea{fill:var(--sea)}.land{fill:var(--land);stroke:var(--coast);stroke-width:.8}
.ferry{fill:none;stroke:var(--ink-2);stroke-width:1}
.tunnel{fill:none;stroke:var(--ink-2);stroke-width:1.6;stroke-dasharray:1.6 3.6;
stroke-linecap:round}
.disc{fill:var(--disc)}.disc.subj{fill:var(--mark)}.spot{fill:var(--ink)}
.leader{stroke:var(--ink-2);stroke-width:.8}
.map text.lab{font-size:12.5px;fill:var(--ink);paint-order:stroke;stroke:var(--sea);
stroke-width:3.5px;stroke-linejoin:round}
.map .nm{font-weight:700}
.map text.ctry{font-size:12.2px;letter-spacing:.14em;fill:#746D5F}
.map text.strait{font:italic 12.5px var(--serif);fill:#4F6975}
.map .bar{fill:none;stroke:var(--ink-2)}.map text.note{fill:var(--ink-2);font-size:12.2px}
.multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(246px,1fr));gap:20px 24px;
margin-top:8px}
.multiples.pair{grid-template-columns:1fr 1fr;gap:16px 24px}
.chart .key{gap:2px 14px;margin:2px 0 0 44px}
.plot{display:block;width:100%;height:auto}
.week text{font-size:12.2px}.days text{font-size:11.4px}
.grid{stroke:var(--hair)}.base{stroke:var(--ink-2)}
.one,.two,.three,.ref{fill:none}
path.one{stroke:var(--mark);stroke-width:2}
.week path.one{stroke-width:1.3}
path.two{stroke:var(--mark-2);stroke-width:1.3;stroke-dasharray:7 2}
path.three{stroke:var(--mark-3);stroke-width:1.3;stroke-dasharray:2 2}
.week path.ref{stroke-width:1.2;stroke-dasharray:4 2}
path{stroke-linejoin:round}
path.ref{stroke:var(--ink-2);stroke-width:1.4;stroke-dasharray:5 3}
.band{fill:var(--band-90)}.ref-band{fill:var(--ref-band)}
"""

_CLAIMS: Final = """
.claim{margin:0 0 48px;border-top:2px solid var(--ink);padding-top:8px}
.claim .by{margin:0;font-size:12.5px;color:var(--ink-3)}
.claim h2{border:0;padding:0;font:italic 400 25px/30px var(--serif);margin:2px 0 10px;
max-width:34em;text-wrap:balance}
.claim .cols{display:grid;grid-template-columns:minmax(0,1fr) 336px;gap:16px 40px;
border-top:1px solid var(--rule);padding-top:8px}
.verdict{font:700 30px/35px var(--serif);margin:0 0 4px}
.verdict span{font:400 14px/20px var(--sans);color:var(--ink-2);margin-left:12px}
.claim h3{border-top:1px solid var(--rule);padding-top:8px;margin:14px 0 4px}
.claim aside h3:first-child{margin-top:0;border:0;padding-top:0}
.tested{margin:2px 0;color:var(--ink-2);max-width:58em}.tested b{color:var(--ink)}
.sq rect{fill:var(--paper);stroke:var(--disc);stroke-width:.8}
.sq rect.on{fill:var(--mark);stroke:var(--mark)}
svg.sq{display:block;width:100%;height:auto;margin:10px 0 2px;max-width:640px}
.matter{list-style:none;padding:0;margin:0}
.matter li{padding:6px 0;border-top:1px solid var(--hair)}
.matter li:first-child{border:0}.matter b{display:block}
.matter .g{float:right;border:1px solid var(--ink-2);border-radius:3px;font-size:11px;
line-height:15px;padding:0 4px;font-weight:700;color:var(--ink-2)}
.matter small{margin-top:2px;font-size:12px;line-height:16px}
.share{display:block;width:100%;height:12px;margin:4px 0 2px}
.share .track{stroke:var(--rule);stroke-width:1.5}.share .got{stroke:var(--mark);stroke-width:5}
.share .err{stroke:var(--ink);stroke-width:1.3}
.dot{stroke:var(--mark);stroke-width:1}.dot.no{fill:var(--paper);stroke:var(--disc)}
.dot.yes{fill:var(--mark)}.turn{stroke:var(--ink);stroke-width:2}
.turns text{font-size:12px}.turns text.side{font:700 14px var(--serif);fill:var(--ink)}
.turns text.at{font-weight:700;fill:var(--ink)}
.turns text.at,.turns text.side{paint-order:stroke;stroke:var(--paper);stroke-width:4px;
stroke-linejoin:round}
.index{list-style:none;padding:0;margin:0 0 40px}
.index a{display:grid;grid-template-columns:minmax(0,1fr) 90px 190px;gap:4px 16px;padding:7px 0;
border-top:1px solid var(--hair);text-decoration:none;align-items:center}
.index a:hover{text-decoration:underline}.index .t{font:400 16px/21px var(--serif)}
.index .v{font-size:12.5px;color:var(--ink-2)}
.index svg{display:block;width:90px;height:8px}.index .out{fill:var(--ref-band)}
.index .in{fill:var(--mark)}.index .dash{fill:none;stroke:var(--ink-3);stroke-dasharray:3 2}
"""

_WIDTHS: Final = """
.narrow{display:none}.panels.narrow{display:none}
@media print,(max-width:1099px){
.wide{display:none}.narrow{display:block}.panels.narrow{display:grid}}
@media screen and (max-width:1023px){
.map text.lab,.map text.note,.week text{font-size:17px}
.map text.ctry,.map text.strait{display:none}}
@media screen and (max-width:767px){
.page{padding:0 16px 40px}h1{font-size:29px;line-height:33px;margin:8px 0 10px}
.plain{font-size:16.5px;line-height:25px}
.maps{grid-template-columns:1fr}.cards{columns:1}
summary{min-height:44px;padding:12px 0}nav a{padding:12px 0}nav ul{gap:0 18px}
.multiples,.multiples.pair{grid-template-columns:minmax(0,1fr)}
.days text{font-size:9.6px}.panels{grid-template-columns:minmax(0,1fr)}
dl div{grid-template-columns:1fr;gap:0}header.top span:last-child{display:none}
.data.words{table-layout:auto;min-width:720px}
.claim .cols{grid-template-columns:minmax(0,1fr)}.claim h2{font-size:21px;line-height:26px}
.verdict{font-size:24px;line-height:29px}.verdict span{display:block;margin-left:0}
.index a{grid-template-columns:90px minmax(0,1fr)}.index .t{grid-column:1/3}
.turns text{font-size:19px}.turns text.side{font-size:21px}}
@media screen and (max-width:379px){.panel .score th{font-size:12px}.c-wh{width:116px}
.panel .wh{width:110px}.c-num{width:96px}.panel .wh text{font-size:13.4px}
.map text.lab,.map text.note,.week text{font-size:20px}}
@media print{
@page{size:A4;margin:14mm}
html,body{background:#fff}body{font-size:10.5pt}.page{max-width:none;padding:0}
nav,.skip{display:none}h1{font-size:26pt;line-height:28pt}
section{margin-bottom:20pt}.maps{grid-template-columns:1fr 1fr}
figure,.panel,tr{break-inside:avoid}h2,h3{break-after:avoid}
.panels{grid-template-columns:1fr 1fr}.multiples{grid-template-columns:1fr 1fr 1fr;gap:12pt}
.lead{break-after:avoid}.map text.lab,.map text.note,.week text{font-size:15px}
.map text.ctry,.map text.strait{display:none}summary{font-size:10pt}
.narrow.payers{columns:2;column-gap:24pt}.payers summary{list-style:none}
.payers details{break-inside:avoid}
.narrow>details::details-content{content-visibility:visible;block-size:auto}
.scroll{overflow:visible}a{text-decoration:none}}
"""

STYLE: Final = _TOKENS + _TEXT + _TABLES + _DRAWINGS + _CLAIMS + _WIDTHS
