// HTML files → screenshots at three widths in light and dark, and what axe finds. Run by scripts/e2e-reports.
// node look-at-html.mjs FOLDER-OF-NODE_MODULES FOLDER-FOR-SCREENSHOTS FILE...
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [modules, into, ...files] = process.argv.slice(2);
const require = createRequire(path.resolve(modules, 'x.js'));
const puppeteer = require('puppeteer-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const chromium = process.env.CHROMIUM || '/usr/bin/chromium';
const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu'] });
let bad = 0;
for (const file of files) {
  const name = path.basename(file, '.html');
  for (const scheme of ['light', 'dark']) {
    for (const width of [390, 900, 1440]) {
      const page = await browser.newPage();
      const asked = [];
      page.on('request', (r) => asked.push(r.url()));
      await page.setBypassCSP(true); // for axe alone: the page itself runs nothing
      await page.setViewport({ width, height: 900 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.goto(pathToFileURL(path.resolve(file)).href);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) { console.log(`${name} ${scheme} ${width}: ${wide} px wider than the window`); bad++; }
      if (asked.length !== 1) { console.log(`${name}: asked for ${asked.slice(1).join(', ')}`); bad++; }
      await page.screenshot({ path: path.join(into, `${name}-${scheme}-${width}.png`), fullPage: true, captureBeyondViewport: true });
      await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => axe.run());
      for (const v of violations) { console.log(`${name} ${scheme} ${width}: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html).join(' ')}`); bad++; }
      await page.close();
    }
  }
}
await browser.close();
console.log(`${files.length} pages, ${files.length * 6} views: ${bad} faults`);
process.exit(bad ? 1 : 0);
