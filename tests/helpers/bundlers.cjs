// Builds a small shop with one bundler, in the folder and by the name on the command line: src/ to dist/.
const fs = require("node:fs"), path = require("node:path");
const [tool, folder] = process.argv.slice(2);
const at = (...parts) => path.join(folder, ...parts);
const page = (script) => `<!doctype html><title>Shop</title><button id=cart>Cart</button><script type=module src="${script}"></script>`;
const builds = {
  async esbuild() {
    const made = await require("esbuild").build({
      entryPoints: [at("src/main.js")], bundle: true, splitting: true, format: "esm", minify: true, metafile: true,
      outdir: at("dist/assets"), entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]", logLevel: "silent",
    });
    const entry = Object.entries(made.metafile.outputs).find(([, o]) => o.entryPoint?.endsWith("main.js"))[0];
    fs.writeFileSync(at("dist/index.html"), page("/assets/" + path.basename(entry)));
  },
  async rollup() {
    const made = await (await require("rollup").rollup({ input: at("src/main.js") })).write({
      dir: at("dist/assets"), format: "es", entryFileNames: "[name]-[hash].js", chunkFileNames: "[name]-[hash].js",
    });
    fs.writeFileSync(at("dist/index.html"), page("/assets/" + made.output.find((o) => o.isEntry).fileName));
  },
  async vite() {
    fs.writeFileSync(at("index.html"), page("/src/main.js"));
    await require("vite").build({ root: folder, logLevel: "silent", configFile: false });
  },
  async webpack() {
    const made = await new Promise((done, fail) =>
      require("webpack")({
        mode: "production", context: folder, entry: "./src/main.js",
        output: { path: at("dist/assets"), publicPath: "/assets/", filename: "[name].[contenthash].js", chunkFilename: "[name].[contenthash].js" },
        optimization: { runtimeChunk: process.env.RUNTIME === "single" ? "single" : false },
      }).run((error, stats) => (error ? fail(error) : done(stats))));
    if (made.hasErrors()) throw new Error(made.toString());
    const files = made.toJson().entrypoints.main.assets.map((a) => a.name);
    fs.writeFileSync(at("dist/index.html"), files.map((f) => page("/assets/" + f)).join(""));
  },
  async parcel() {
    fs.writeFileSync(at("index.html"), page("./src/main.js"));
    process.chdir(folder); // Parcel looks for the project from there on
    const { Parcel } = require("@parcel/core");
    await new Parcel({
      entries: at("index.html"), defaultConfig: require.resolve("@parcel/config-default"), mode: "production",
      defaultTargetOptions: { distDir: at("dist"), publicUrl: "/", sourceMaps: false },
      cacheDir: at(".cache"), logLevel: "none", shouldDisableCache: true,
    }).run();
  },
};
fs.mkdirSync(at("dist/assets"), { recursive: true });
builds[tool]().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
