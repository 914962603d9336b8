// Vue 3 is told in `vite.config.js` which tag is no component of its own.
import { createApp } from "vue";
import "live-article";
import Story from "./Story.vue";

const app = createApp(Story, { leave: () => app.unmount() });
app.mount("#app");
