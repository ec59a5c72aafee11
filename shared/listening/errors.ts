// The failures of reading a listening history that no retry can mend; each is a sentence its reader can act on.

/** The file holds no listening history at all (empty, a single object, a web page, an archive, binary data). */
export class NotAHistory extends Error {
  override name = 'NotAHistory'

  constructor(found: string) {
    super(
      `not a listening history: ${found}; expected a JSON array of records, or one JSON record per line (NDJSON), in UTF-8`,
    )
  }
}

/** The file is not the one that was scanned: it became shorter, or its records lie elsewhere. */
export class FileChanged extends Error {
  override name = 'FileChanged'
}

/** The import (or the chunk of it) that was asked for is not in the store. */
export class ImportMissing extends Error {
  override name = 'ImportMissing'
}
