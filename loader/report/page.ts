// The report's page: one HTML file that loads nothing.
import { pageScript, type ReportData } from './page-script.js';

const STYLE = `
body { font: 14px/1.45 system-ui, sans-serif; color: #223; margin: 0; background: #f5f6f8 }
main { max-width: 1080px; margin: 0 auto; padding: 8px 24px 60px }
h1 { font-size: 20px; overflow-wrap: anywhere } h2 { font-size: 16px; margin: 28px 0 2px } h1 small { color: #667; font-weight: normal }
.about { color: #667; margin: 2px 0 6px; overflow-wrap: anywhere }
table { border-collapse: collapse; background: #fff; width: 100% }
td, th { text-align: left; padding: 4px 10px; border: 1px solid #dde1e8; vertical-align: top; overflow-wrap: anywhere }
.value { text-align: right; white-space: nowrap } td.value:last-child:nth-child(2) { white-space: normal; text-align: left }
canvas { width: 100%; background: #fff; border: 1px solid #dde1e8; box-sizing: border-box; display: block; margin: 4px 0 }
pre { font-size: 12px; white-space: pre-wrap; overflow-wrap: anywhere; margin: 4px 0 } summary { cursor: pointer; font-weight: 600 }
.bar > * { margin-right: 6px } .tip { min-height: 20px; overflow-wrap: anywhere }
.kind { padding: 1px 6px; border-radius: 3px; font-size: 12px }
.kind0 { background: #3a7 } .kind1 { background: #cdd6e4 } .kind2 { background: #fb4 } .kind3 { background: #d33; color: #fff } .kind4 { background: #b7d }
`;

/** Makes the page. */
export function reportPage(data: ReportData): string {
  // As the content of a script, which ends at "</script" and nowhere else.
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>aevent report</title>
<style>${STYLE}</style>
</head>
<body>
<main id="main"><h1><small>aevent report:</small> <span id="title"></span></h1></main>
<script type="application/json" id="data">${json}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}
