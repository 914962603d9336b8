// A page a framework, at any address.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import vue from "@vitejs/plugin-vue";

export default {
  base: "./",
  logLevel: "warn",
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === "live-article" } } }), svelte()],
  build: { rollupOptions: { input: ["plain", "react", "vue", "svelte"].map((name) => `${name}.html`) } },
};
