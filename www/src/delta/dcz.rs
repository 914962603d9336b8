//! The `dcz` coding (RFC 9842, section 5): a document, told as its difference from one that the reader has.
//!
//! | bytes | what |
//! | --- | --- |
//! | 0–7 | `5e 2a 4d 18 20 00 00 00`: a zstd frame that decoders skip, 32 bytes long |
//! | 8–39 | SHA-256 of the document that the reader has: the dictionary |
//! | 40– | a zstd frame (RFC 8878) that may copy from the dictionary; its last four bytes check what came out |

use std::borrow::Cow;
use std::io;

use sha2::{Digest, Sha256};
use zstd::zstd_safe::{CCtx, CParameter, DCtx, compress_bound, get_error_name, get_frame_content_size};

/// What each body in this coding begins with.
pub const MAGIC: [u8; 8] = [0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0];
/// Bytes before the zstd frame.
pub const HEAD: usize = MAGIC.len() + 32;
/// The largest document, in bytes. A reader need not look back further than 8 MiB (RFC 9842, section 5), and a
/// difference is made so that all of both documents is in sight.
pub const LARGEST: usize = 4 << 20;

/// Level 19 takes six times as long, for twenty bytes fewer of four hundred; level 1 does not see that far.
const LEVEL: i32 = 12;

/// The SHA-256 of a document, by which a reader says which one it has.
pub type Hash = [u8; 32];

/// The hash of a document.
pub fn hash(document: &[u8]) -> Hash {
    Sha256::digest(document).into()
}

/// `new`, told to who has `old`.
///
/// # Errors
/// If one of them is larger than [`LARGEST`], or zstd fails for want of memory.
pub fn encode(old: &[u8], new: &[u8]) -> io::Result<Vec<u8>> {
    if old.len().max(new.len()) > LARGEST {
        return Err(io::Error::other(format!("a document is larger than {} MiB", LARGEST >> 20)));
    }
    // zstd lets go of a dictionary that lies in memory where the document does, as that of who has this very one would.
    let old = if std::ptr::eq(old, new) { Cow::Owned(old.to_vec()) } else { Cow::Borrowed(old) };
    let sight = (old.len() + new.len()).max(1 << 10).ilog2() + 1;
    let mut context = CCtx::create();
    for parameter in [CParameter::CompressionLevel(LEVEL), CParameter::WindowLog(sight), CParameter::ChecksumFlag(true)]
    {
        context.set_parameter(parameter).map_err(failed)?;
    }
    context.ref_prefix(&old).map_err(failed)?;
    let mut frame = Vec::with_capacity(compress_bound(new.len()));
    context.compress2(&mut frame, new).map_err(failed)?;
    Ok([&MAGIC[..], &hash(&old), &frame].concat())
}

/// The document that `body` tells to who has `old`.
///
/// # Errors
/// If it is not in this coding, is for another dictionary, is damaged, or tells a document larger than [`LARGEST`].
pub fn decode(old: &[u8], body: &[u8]) -> io::Result<Vec<u8>> {
    let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
    let Some((head, frame)) = body.split_at_checked(HEAD) else { return Err(refused("it is too short for dcz")) };
    let (magic, dictionary) = head.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(refused("it does not begin as dcz does"));
    }
    if dictionary != hash(old) {
        return Err(refused("it is for another dictionary"));
    }
    let size = get_frame_content_size(frame).ok().flatten().ok_or_else(|| refused("it does not say its size"))?;
    if size > LARGEST as u64 {
        return Err(refused("it tells too large a document"));
    }
    let mut context = DCtx::create();
    context.ref_prefix(old).map_err(failed)?;
    let mut new = Vec::with_capacity(size as usize);
    context.decompress(&mut new, frame).map_err(failed)?;
    Ok(new)
}

fn failed(code: usize) -> io::Error {
    io::Error::other(get_error_name(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &[u8] = b"The ferry leaves at nine. The bridge is shut until the wind falls.";
    const NEW: &[u8] = b"The ferry leaves at ten. The bridge is shut until the wind falls.";

    #[test]
    fn what_is_told_is_what_comes_out() {
        let random: Vec<u8> = (0..70_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for (old, new) in [(OLD, NEW), (OLD, OLD), (b"", NEW), (OLD, b""), (b"", b""), (&random, NEW), (NEW, &random)] {
            let body = encode(old, new).unwrap();
            assert_eq!(body[..8], MAGIC);
            assert_eq!(body[8..HEAD], hash(old));
            assert_eq!(decode(old, &body).unwrap(), new);
        }
    }

    #[test]
    fn a_copy_reaches_to_the_far_end_of_the_largest_document() {
        let mut random = 1_u64;
        let old: Vec<u8> = (0..LARGEST)
            .map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (random >> 33) as u8
            })
            .collect();
        let mut new = old.clone();
        new.rotate_left(1000);
        let body = encode(&old, &new).unwrap();
        assert!(body.len() < 1000, "{} bytes", body.len());
        assert_eq!(decode(&old, &body).unwrap(), new);
        assert!(encode(&old, &old).unwrap().len() < 1000);
        new.push(0);
        assert!(encode(&old, &new).is_err());
    }

    #[test]
    fn a_damaged_body_is_refused() {
        let body = encode(OLD, NEW).unwrap();
        for at in 0..body.len() {
            let mut damaged = body.clone();
            damaged[at] ^= 0x10;
            // A frame's first byte has a bit that means nothing.
            if let Ok(new) = decode(OLD, &damaged) {
                assert!(at == HEAD + 4 && new == NEW, "byte {at}");
            }
            assert!(decode(OLD, &body[..at]).is_err(), "cut at {at}");
        }
        assert_eq!(decode(NEW, &body).unwrap_err().to_string(), "it is for another dictionary");
    }
}
