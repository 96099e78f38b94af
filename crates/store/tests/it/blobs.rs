//! Blobs: beside either database, so that they belong to its stories.

use executor_core::Digest;
use executor_store::{Blobs, Error};

use crate::stage::Stage;
use crate::story::stories;

stories![a_blob_is_found_under_its_digest, the_same_bytes_are_kept_once];

async fn a_blob_is_found_under_its_digest(stage: Stage) {
    let blobs = Blobs::new(stage.folder().join("blobs"));
    let workspace = stage.tenant.workspace;
    for bytes in [vec![], vec![0; 3], vec![7; 1 << 20]] {
        let digest = blobs.put(workspace, bytes.clone()).await.unwrap();
        assert_eq!(digest, Digest::of(&bytes));
        assert_eq!(blobs.size(workspace, digest).await, Ok(bytes.len() as u64));
        assert_eq!(blobs.get(workspace, digest).await, Ok(bytes));
    }
    let other = stage.another_tenant().await.workspace;
    assert_eq!(blobs.get(other, Digest::of(&[0; 3])).await, Err(Error::NotFound("blob")));
    assert_eq!(blobs.size(other, Digest::of(&[0; 3])).await, Err(Error::NotFound("blob")));
    assert_eq!(blobs.get(workspace, Digest::of(b"absent")).await, Err(Error::NotFound("blob")));
}

async fn the_same_bytes_are_kept_once(stage: Stage) {
    let blobs = Blobs::new(stage.folder().join("blobs"));
    let puts = (0..20).map(|_| blobs.put(stage.tenant.workspace, vec![1; 100_000]));
    let digests: Vec<_> = futures::future::join_all(puts).await.into_iter().map(Result::unwrap).collect();
    let name = digests[0].to_string();
    let folder = stage.folder().join("blobs").join(stage.tenant.workspace.to_string()).join(&name[..2]);
    let files: Vec<_> = fs_err::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, [std::ffi::OsString::from(name)], "one file, and nothing half written beside it");
}
