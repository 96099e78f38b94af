//! SQLite's own file layer, with a look at what is written and synced.
//!
//! It is a copy of the default layer in which opening and deleting are ours. A file of a watched folder gets a copy of
//! its method table in which closing, writing, truncating and syncing are ours; all other files are left alone.
#![allow(unsafe_code, reason = "SQLite's file layer is a table of C functions")]

use std::collections::HashMap;
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, Once, OnceLock, Weak};

use libsqlite3_sys::{
    SQLITE_IOERR_WRITE, SQLITE_OK, sqlite3_file, sqlite3_initialize, sqlite3_int64, sqlite3_io_methods,
    sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};

use super::{Change, Disk, Image};
use crate::fate::Moment;

/// The watched folders.
static DISKS: LazyLock<Mutex<HashMap<PathBuf, Weak<Disk>>>> = LazyLock::new(Mutex::default);

/// The open files of watched folders, by the address of SQLite's handle.
static OPEN: LazyLock<Mutex<HashMap<usize, Open>>> = LazyLock::new(Mutex::default);

/// The default layer.
static BELOW: OnceLock<Pointer<sqlite3_vfs>> = OnceLock::new();

#[derive(Clone)]
struct Open {
    disk: Weak<Disk>,
    name: String,
    below: Pointer<sqlite3_io_methods>,
}

/// What SQLite made or we leaked: it lives as long as the process and is not changed.
struct Pointer<T>(*const T);

impl<T> Clone for Pointer<T> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

// SAFETY: what it points to is there for ever and only read.
unsafe impl<T> Send for Pointer<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Pointer<T> {}

impl<T> Pointer<T> {
    fn get(&self) -> &'static T {
        // SAFETY: what it points to is there for ever and only read.
        unsafe { &*self.0 }
    }
}

/// Puts the layer under all databases that this process opens from now on.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the calls are those that SQLite documents for this; the new table is leaked, and the name is static.
        unsafe {
            assert_eq!(sqlite3_initialize(), SQLITE_OK);
            let below = sqlite3_vfs_find(std::ptr::null());
            assert!(BELOW.set(Pointer(below)).is_ok());
            let ours = Box::leak(Box::new(*below));
            ours.zName = c"forgetful".as_ptr();
            ours.pNext = std::ptr::null_mut();
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            assert_eq!(sqlite3_vfs_register(ours, 1), SQLITE_OK);
        }
    });
}

pub(super) fn watch(disk: &Arc<Disk>) {
    DISKS.lock().unwrap().insert(disk.path().to_owned(), Arc::downgrade(disk));
}

pub(super) fn forget(folder: &Path) {
    DISKS.lock().unwrap().remove(folder);
}

/// The watched disk that a path is on, and the file's name there.
fn disk_of(path: *const c_char) -> Option<(Arc<Disk>, String)> {
    if path.is_null() {
        return None;
    }
    // SAFETY: SQLite passes text that ends with a zero.
    let path = Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes()));
    let disk = DISKS.lock().unwrap().get(path.parent()?)?.upgrade()?;
    Some((disk, path.file_name()?.to_str()?.to_owned()))
}

unsafe extern "C" fn open(
    layer: *mut sqlite3_vfs,
    path: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let below = BELOW.get().unwrap().get().xOpen.unwrap();
    // SAFETY: what SQLite gave us is passed on; our layer is a copy of the one below.
    let code = unsafe { below(layer, path, file, flags, out_flags) };
    if code == SQLITE_OK
        && let Some((disk, name)) = disk_of(path)
    {
        disk.files.lock().unwrap().entry(name.clone()).or_default();
        // SAFETY: opening went well, so the handle has its methods.
        let methods = unsafe { (*file).pMethods };
        let open = Open { disk: Arc::downgrade(&disk), name, below: Pointer(methods) };
        OPEN.lock().unwrap().insert(file as usize, open);
        // SAFETY: as above.
        unsafe { (*file).pMethods = ours(methods) };
    }
    code
}

/// The method table below, with ours in it.
fn ours(below: *const sqlite3_io_methods) -> *const sqlite3_io_methods {
    static TABLES: LazyLock<Mutex<HashMap<usize, Pointer<sqlite3_io_methods>>>> =
        LazyLock::new(Mutex::default);
    let mut tables = TABLES.lock().unwrap();
    let table = tables.entry(below as usize).or_insert_with(|| {
        // SAFETY: SQLite's tables are static.
        let mut table = unsafe { *below };
        table.xClose = Some(close);
        table.xWrite = Some(write);
        table.xTruncate = Some(truncate);
        table.xSync = Some(sync);
        Pointer(Box::leak(Box::new(table)))
    });
    table.0
}

fn opened(file: *mut sqlite3_file) -> Open {
    OPEN.lock().unwrap().get(&(file as usize)).unwrap().clone()
}

/// Does something to a file and its image, unless the engine is dead.
fn alive(
    file: *mut sqlite3_file,
    work: impl FnOnce(&Disk, &mut Image, &sqlite3_io_methods) -> c_int,
) -> c_int {
    let open = opened(file);
    let Some(disk) = open.disk.upgrade() else { return SQLITE_IOERR_WRITE };
    let mut files = disk.files.lock().unwrap();
    if !disk.fate.survives(Moment::Disk) {
        return SQLITE_IOERR_WRITE;
    }
    work(&disk, files.entry(open.name.clone()).or_default(), open.below.get())
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    length: c_int,
    offset: sqlite3_int64,
) -> c_int {
    alive(file, |_, image, below| {
        // SAFETY: SQLite passes a buffer of that length.
        let written =
            unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), usize::try_from(length).unwrap()) };
        image.since.push(Change::Write(usize::try_from(offset).unwrap(), written.to_vec()));
        // SAFETY: what SQLite gave us is passed on.
        unsafe { below.xWrite.unwrap()(file, bytes, length, offset) }
    })
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    alive(file, |_, image, below| {
        image.since.push(Change::Truncate(usize::try_from(size).unwrap()));
        // SAFETY: what SQLite gave us is passed on.
        unsafe { below.xTruncate.unwrap()(file, size) }
    })
}

/// The real disk need not be waited for: this one decides what is durable.
unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    alive(file, |disk, image, _| {
        if disk.honest {
            let mut bytes = std::mem::take(&mut image.synced);
            image.since.drain(..).for_each(|change| change.apply(&mut bytes));
            image.synced = bytes;
        }
        SQLITE_OK
    })
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let open = OPEN.lock().unwrap().remove(&(file as usize)).unwrap();
    // SAFETY: the handle is given back to the layer that made it.
    unsafe {
        (*file).pMethods = open.below.0;
        open.below.get().xClose.unwrap()(file)
    }
}

unsafe extern "C" fn delete(layer: *mut sqlite3_vfs, path: *const c_char, sync_folder: c_int) -> c_int {
    if let Some((disk, name)) = disk_of(path) {
        let mut files = disk.files.lock().unwrap();
        if !disk.fate.survives(Moment::Disk) {
            return SQLITE_IOERR_WRITE;
        }
        files.remove(&name);
    }
    let below = BELOW.get().unwrap().get().xDelete.unwrap();
    // SAFETY: what SQLite gave us is passed on.
    unsafe { below(layer, path, sync_folder) }
}
