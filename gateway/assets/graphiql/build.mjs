// Bundles the explorer into dist/, gzipped as it is served. With --check: bundles, and fails where dist/ differs.
import { build } from 'esbuild';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';

const dist = new URL('dist/', import.meta.url);
const result = await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: {
    explorer: 'explorer.jsx',
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
  },
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  target: 'es2022',
  outdir: 'dist',
  jsx: 'automatic',
  legalComments: 'none',
  loader: { '.ttf': 'dataurl', '.woff2': 'dataurl', '.graphql': 'text' },
  define: { 'process.env.NODE_ENV': '"production"' },
});
const built = new Map(result.outputFiles.map(file => [`${file.path.split('/').pop()}.gz`, Buffer.from(file.contents)]));

// What the bundles are made of keeps its notices: every package that esbuild read, with its licence.
built.set('LICENSES.txt.gz', Buffer.from(await licences()));

async function licences() {
  const lock = JSON.parse(await readFile(new URL('package-lock.json', import.meta.url)));
  const texts = [];
  for (const [path, { version, license, dev }] of Object.entries(lock.packages)) {
    if (!path || dev || path.includes('esbuild')) continue;
    const folder = new URL(`${path}/`, import.meta.url);
    const files = await readdir(folder).catch(() => []);
    const file = files.sort().find(name => /^licen[cs]e/i.test(name));
    const text = file ? (await readFile(new URL(file, folder), 'utf8')).trim() : '';
    texts.push(`${path.replace(/.*node_modules\//, '')} ${version} (${license ?? 'see text'})\n\n${text}\n`);
  }
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

if (process.argv.includes('--check')) {
  const kept = (await readdir(dist)).sort().join();
  const names = [...built.keys()].sort().join();
  const differing = [];
  for (const [name, bytes] of built) {
    const there = await readFile(new URL(name, dist)).then(gunzipSync).catch(() => null);
    if (!there?.equals(bytes)) differing.push(name);
  }
  if (kept !== names || differing.length) {
    console.error(`dist/ is not what its sources make (${differing.join(', ') || kept}): run node build.mjs`);
    process.exit(1);
  }
  console.log(`${built.size} files match`);
} else {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist);
  for (const [name, bytes] of built) await writeFile(new URL(name, dist), gzipSync(bytes, { level: 9 }));
  console.log(`${built.size} files written`);
}
