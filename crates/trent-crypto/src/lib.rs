//! Key material, ciphertext blobs and sealing; pure, without I/O
