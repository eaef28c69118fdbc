// Where sound comes from: players on the page and the microphone, as nodes of Web Audio.

// One context for the whole page, and one node for each player: a browser makes no second one.
const shared = (globalThis.mossSound ??= { context: null, nodes: new WeakMap() });

const WAYS = "choose a file instead";
const MICROPHONE_PROBLEMS = {
  NotAllowedError: `This page may not hear the microphone; allow it in the browser, or ${WAYS}.`,
  NotFoundError: `There is no microphone here; plug one in, or ${WAYS}.`,
  NotReadableError: `The microphone is in use elsewhere; close what uses it, or ${WAYS}.`,
};
const NO_MICROPHONES = `Browsers give the microphone only to pages on https; ${WAYS}.`;

// The first call must be made in a person's gesture: a browser lets nothing sound before one.
function sharedContext() {
  shared.context ??= new AudioContext();
  shared.context.resume();
  return shared.context;
}

// The sound of an <audio> or <video>, which goes on to be heard.
export function soundOf(media) {
  const context = sharedContext();
  if (!shared.nodes.has(media)) {
    const node = new MediaElementAudioSourceNode(context, { mediaElement: media });
    node.connect(context.destination);
    shared.nodes.set(media, node);
    // A phone may have silenced the context meanwhile.
    media.addEventListener("play", () => context.resume());
  }
  return shared.nodes.get(media);
}

// Open the microphone `deviceId`, or the usual one: {stream, node}. Nothing is done to its sound.
// Throws a sentence.
export async function openMicrophone(deviceId) {
  const context = sharedContext();
  if (!navigator.mediaDevices) throw NO_MICROPHONES;
  const untouched = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const which = deviceId ? { deviceId: { exact: deviceId } } : {};
  try {
    const audio = { ...untouched, ...which };
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    return { stream, node: new MediaStreamAudioSourceNode(context, { mediaStream: stream }) };
  } catch (error) {
    throw MICROPHONE_PROBLEMS[error.name] ?? `The microphone cannot be opened; ${WAYS}.`;
  }
}

export async function microphones() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === "audioinput");
}
