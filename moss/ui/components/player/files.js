// The files of the sounds, each fetched once.

export class SoundFiles {
  constructor() {
    this.blobs = new Map(); // by URL
  }

  // Return the samples of a sound, or null where it cannot be fetched or decoded.
  async decoded(url, context) {
    try {
      if (!this.blobs.has(url)) {
        const answer = await fetch(url);
        if (!answer.ok) return null;
        this.blobs.set(url, await answer.blob());
      }
      return await context.decodeAudioData(await this.blobs.get(url).arrayBuffer());
    } catch (error) {
      if (context.state !== "closed") {
        console.warn(`MOSS: ${url} cannot be decoded: ${error.message}`);
      }
      return null;
    }
  }

  // Forget all but those of `urls`.
  keep(urls) {
    for (const url of [...this.blobs.keys()]) {
      if (!urls.includes(url)) this.blobs.delete(url);
    }
  }
}
