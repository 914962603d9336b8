//! Functions of wasm-bindgen's glue in short. Its own serve every browser since 2017, every caller and every order of
//! calls; these serve what runs this module at all. `pkg.rs` puts each in the place of its namesake.

// Grown memory has another buffer.
function getDataViewMemory0() {
    if (cachedDataViewMemory0?.buffer !== wasm.memory.buffer) cachedDataViewMemory0 = new DataView(wasm.memory.buffer);
    return cachedDataViewMemory0;
}
function getUint8ArrayMemory0() {
    if (cachedUint8ArrayMemory0?.buffer !== wasm.memory.buffer) cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
    return cachedUint8ArrayMemory0;
}
function getUint32ArrayMemory0() {
    if (cachedUint32ArrayMemory0?.buffer !== wasm.memory.buffer) cachedUint32ArrayMemory0 = new Uint32Array(wasm.memory.buffer);
    return cachedUint32ArrayMemory0;
}
function passStringToWasm0(arg, malloc) {
    const bytes = cachedTextEncoder.encode(arg);
    const ptr = malloc(bytes.length, 1) >>> 0;
    getUint8ArrayMemory0().set(bytes, ptr);
    WASM_VECTOR_LEN = bytes.length;
    return ptr;
}
function initSync({ module }) {
    __wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()), module);
}
// Nothing asks for another instance but the element itself, which makes it at once.
function __wbg_call_guard() {
}
// In the place of the same four lines in every function that answers with a text.
function answer(to, text) {
    const ptr = isLikeNone(text) ? 0 : passStringToWasm0(text, wasm.__wbindgen_malloc);
    getDataViewMemory0().setInt32((to >>> 0) + 4, WASM_VECTOR_LEN, true);
    getDataViewMemory0().setInt32(to >>> 0, ptr, true);
}
