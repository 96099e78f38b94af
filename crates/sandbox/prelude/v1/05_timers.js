// Timers. The host's fire once; an interval sets its next one when it fires.
const MOST_DELAY = 30 * 24 * 3600 * 1000;

// Number of a host's timer -> what to run; a user's handle -> the number of the host's timer that stands for it now.
const timers = create(null);
const handles = create(null);

function requireFunction(callback, name) {
  if (typeof callback !== "function") throw new NativeTypeError(`${name}: the first argument must be a function`);
}

function delayOf(value) {
  const delay = +value;
  if (!(delay > 1)) return 1;
  return delay > MOST_DELAY ? MOST_DELAY : delay - (delay % 1);
}

function arm(handle, delay, run) {
  const timer = host.timerSet(delay);
  timers[timer] = run;
  handles[handle ?? timer] = timer;
  return handle ?? timer;
}

function setTimeout(callback, delay, ...parameters) {
  requireFunction(callback, "setTimeout");
  const handle = arm(undefined, delayOf(delay), () => {
    delete handles[handle];
    apply(callback, undefined, parameters);
  });
  return handle;
}

function setInterval(callback, delay, ...parameters) {
  requireFunction(callback, "setInterval");
  const period = delayOf(delay);
  const run = () => {
    arm(handle, period, run);
    apply(callback, undefined, parameters);
  };
  const handle = arm(undefined, period, run);
  return handle;
}

function clearTimeout(handle) {
  if (typeof handle !== "number") return;
  const timer = handles[handle];
  if (timer === undefined) return;
  delete handles[handle];
  delete timers[timer];
  host.timerClear(timer);
}

function clearInterval(handle) {
  clearTimeout(handle);
}

function queueMicrotask(callback) {
  requireFunction(callback, "queueMicrotask");
  then(resolved, () => guarded(callback));
}

function guarded(run) {
  try {
    run();
  } catch (error) {
    report(error);
  }
}

function fireTimer(timer) {
  const run = timers[timer];
  if (run === undefined) return;
  delete timers[timer];
  guarded(run);
}

define(globalThis, "setTimeout", setTimeout);
define(globalThis, "setInterval", setInterval);
define(globalThis, "clearTimeout", clearTimeout);
define(globalThis, "clearInterval", clearInterval);
define(globalThis, "queueMicrotask", queueMicrotask);
