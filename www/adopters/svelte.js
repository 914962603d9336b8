// Svelte 5 needs no setting.
import { mount, unmount } from "svelte";
import "live-article";
import Story from "./Story.svelte";

const story = mount(Story, { target: document.getElementById("app"), props: { leave: () => unmount(story) } });
