//! Sound and moving pictures made from nothing, for what has to play while a page changes.

/// A low tone of so many seconds as WAV: one channel of eight bits, 8 kHz.
pub(crate) fn tone(seconds: u32) -> Vec<u8> {
    const RATE: u32 = 8000;
    let length = RATE * seconds;
    let mut out = b"RIFF".to_vec();
    out.extend((36 + length).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16_u32.to_le_bytes());
    for word in [1_u16, 1] {
        out.extend(word.to_le_bytes());
    }
    for word in [RATE, RATE] {
        out.extend(word.to_le_bytes());
    }
    for word in [1_u16, 8] {
        out.extend(word.to_le_bytes());
    }
    out.extend(b"data");
    out.extend(length.to_le_bytes());
    out.extend((0..length).map(|at| if at / 20 % 2 == 0 { 112 } else { 144 }));
    out
}

/// A grey picture for so many seconds as `WebM`: four times a second the same key frame of VP8 (RFC 6386, section 9).
pub(crate) fn video(seconds: u32) -> Vec<u8> {
    const FRAME: [u8; 22] =
        [0x30, 1, 0, 0x9d, 1, 0x2a, 1, 0, 1, 0, 0x0e, 0xc0, 0xfe, 0x25, 0xa4, 0, 3, 0x70, 0, 0, 0, 0];
    let head = element(
        &[0x1a, 0x45, 0xdf, 0xa3],
        &[element(&[0x42, 0x82], b"webm"), element(&[0x42, 0x87], &[2]), element(&[0x42, 0x85], &[2])].concat(),
    );
    let duration = element(&[0x44, 0x89], &(f64::from(seconds) * 1000.0).to_be_bytes());
    let info =
        element(&[0x15, 0x49, 0xa9, 0x66], &[element(&[0x2a, 0xd7, 0xb1], &[0x0f, 0x42, 0x40]), duration].concat());
    let size = element(&[0xe0], &[element(&[0xb0], &[1]), element(&[0xba], &[1])].concat());
    let track = [
        element(&[0xd7], &[1]),
        element(&[0x73, 0xc5], &[1]),
        element(&[0x83], &[1]),
        element(&[0x86], b"V_VP8"),
        size,
    ];
    let tracks = element(&[0x16, 0x54, 0xae, 0x6b], &element(&[0xae], &track.concat()));
    let clusters = (0..seconds).flat_map(|second| {
        let mut cluster = element(&[0xe7], &(second * 1000).to_be_bytes());
        for quarter in 0..4_u16 {
            let mut block = vec![0x81];
            block.extend((quarter * 250).to_be_bytes());
            // A key frame.
            block.push(0x80);
            block.extend(FRAME);
            cluster.extend(element(&[0xa3], &block));
        }
        element(&[0x1f, 0x43, 0xb6, 0x75], &cluster)
    });
    let segment: Vec<u8> = info.into_iter().chain(tracks).chain(clusters).collect();
    [head, element(&[0x18, 0x53, 0x80, 0x67], &segment)].concat()
}

/// An EBML element (RFC 8794, section 6), its length in four bytes.
fn element(id: &[u8], data: &[u8]) -> Vec<u8> {
    let mut out = id.to_vec();
    out.extend((data.len() as u32 | 0x1000_0000).to_be_bytes());
    out.extend(data);
    out
}
