// A journal for Azurite's tables: what was acknowledged survives even a kill of the Azurite process itself.
//
// Azurite keeps its tables in LokiJS, which writes the whole database every few seconds. Here every change is also
// appended to `journal.N.log` before the answer that acknowledges it is sent, and applied again when the database is
// loaded. A snapshot begins a new journal; when it is safely written the older ones are deleted. Applying the same
// changes twice ends in the same state (each names a whole document by its id), so a crash at any point is harmless.
// If the disk is full the answer becomes 507 and says so.
"use strict";

const fs = require("fs");
const http = require("http");
const path = require("path");

const NAME = /^journal\.(\d+)\.log$/;
let number = 0; // of the journal that is written
let file; // its descriptor
let pending = []; // changes that are not yet in the journal, as JSON
let replaying = false;

function install(main) {
  const Loki = require(require.resolve("lokijs", { paths: [path.dirname(main)] }));
  watchDocuments(Loki.Collection.prototype);
  watchCollections(Loki.prototype);
  watchSnapshots(Loki.prototype);
  watchAnswers();
}

function record(change) {
  if (!replaying) {
    pending.push(JSON.stringify(change));
  }
}

function watchDocuments(prototype) {
  const { insertOne, update, remove } = prototype;
  prototype.insertOne = function () {
    const made = insertOne.apply(this, arguments);
    if (made) {
      record({ put: made, in: this.name });
    }
    return made;
  };
  prototype.update = function (document) {
    const made = update.apply(this, arguments);
    if (!Array.isArray(document)) {
      record({ put: made || document, in: this.name });
    }
    return made;
  };
  prototype.remove = function (document) {
    const id = typeof document === "number" ? document : document.$loki;
    const gone = remove.apply(this, arguments);
    if (!Array.isArray(document)) {
      record({ remove: id, in: this.name });
    }
    return gone;
  };
}

function watchCollections(prototype) {
  const { addCollection, removeCollection } = prototype;
  prototype.addCollection = function (name, options) {
    const known = this.getCollection(name);
    const made = addCollection.apply(this, arguments);
    if (!known) {
      record({ add: name, options: options });
    }
    return made;
  };
  prototype.removeCollection = function (name) {
    record({ drop: name });
    return removeCollection.apply(this, arguments);
  };
}

function watchSnapshots(prototype) {
  const { loadJSONObject, saveDatabaseInternal } = prototype;
  prototype.loadJSONObject = function () {
    replaying = true;
    try {
      loadJSONObject.apply(this, arguments);
      replay(this, journals(path.dirname(this.filename)));
    } finally {
      replaying = false;
    }
  };
  prototype.saveDatabaseInternal = function (callback) {
    const former = turn(path.dirname(this.filename));
    saveDatabaseInternal.call(this, (error) => {
      if (error) {
        // LokiJS has forgotten already that there is something to save.
        this.collections.forEach((collection) => (collection.dirty = true));
        console.error(`The tables could not be saved (the journal has them): ${error.message}`);
      } else {
        former.forEach((name) => fs.rmSync(name, { force: true }));
      }
      if (callback) {
        callback(error);
      }
    });
  };
}

function journals(place) {
  const known = fs.readdirSync(place).filter((name) => NAME.test(name));
  known.sort((one, other) => NAME.exec(one)[1] - NAME.exec(other)[1]);
  number = known.length ? Number(NAME.exec(known[known.length - 1])[1]) : 0;
  return known.map((name) => path.join(place, name));
}

// Begin a new journal; returns the older ones, which the snapshot that is being taken replaces. What is pending goes
// into the new one: its answers may be sent before the snapshot is on the disk.
function turn(place) {
  const former = journals(place);
  if (file !== undefined) {
    fs.closeSync(file);
  }
  number += 1;
  file = fs.openSync(path.join(place, `journal.${number}.log`), "a", 0o600);
  return former;
}

function replay(db, names) {
  const touched = new Map();
  for (const name of names) {
    for (const line of fs.readFileSync(name, "utf8").split("\n").slice(0, -1)) {
      JSON.parse(line).forEach((change) => apply(db, change, touched));
    }
  }
  touched.forEach((documents, name) => restore(db.getCollection(name), documents));
}

function apply(db, change, touched) {
  if (change.add !== undefined) {
    if (!db.getCollection(change.add)) {
      db.addCollection(change.add, change.options);
    }
  } else if (change.drop !== undefined) {
    db.removeCollection(change.drop);
    touched.delete(change.drop);
  } else {
    const documents = documentsOf(db, change.in, touched);
    if (change.put) {
      documents.set(change.put.$loki, change.put);
    } else {
      documents.delete(change.remove);
    }
  }
}

function documentsOf(db, name, touched) {
  if (!touched.has(name)) {
    const collection = db.getCollection(name) || db.addCollection(name);
    touched.set(name, new Map(collection.data.map((document) => [document.$loki, document])));
  }
  return touched.get(name);
}

function restore(collection, documents) {
  collection.data = [...documents.values()].sort((one, other) => one.$loki - other.$loki);
  collection.maxId = collection.data.reduce((most, document) => Math.max(most, document.$loki), collection.maxId);
  collection.ensureId();
  collection.ensureAllIndexes(true);
  collection.constraints.unique = {};
  collection.dirty = true;
}

function watchAnswers() {
  const { writeHead, write, end } = http.ServerResponse.prototype;
  const refuse = (response) => {
    response.refused = true;
    response.getHeaderNames().forEach((name) => response.removeHeader(name));
    writeHead.call(response, 507, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(DISK_FULL),
      "x-ms-error-code": "InsufficientStorage",
    });
  };
  const check = (response) => {
    if (!response.headersSent && !response.refused && !keep()) {
      refuse(response);
    }
    return !response.refused;
  };
  http.ServerResponse.prototype.writeHead = function () {
    return check(this) ? writeHead.apply(this, arguments) : this;
  };
  http.ServerResponse.prototype.write = function () {
    return check(this) ? write.apply(this, arguments) : true;
  };
  http.ServerResponse.prototype.end = function () {
    return check(this) ? end.apply(this, arguments) : end.call(this, DISK_FULL);
  };
}

const DISK_FULL = JSON.stringify({
  "odata.error": {
    code: "InsufficientStorage",
    message: { lang: "en-US", value: "The disk that holds the local cloud's tables is full. Free some space, try again." },
  },
});

// Write the pending changes down; false if that failed. They stay pending then: the next answer tries again.
function keep() {
  if (!pending.length || file === undefined) {
    return true;
  }
  const line = Buffer.from(`[${pending.join(",")}]\n`);
  const before = fs.fstatSync(file).size;
  try {
    for (let written = 0; written < line.length; ) {
      written += fs.writeSync(file, line, written);
    }
  } catch (error) {
    console.error(`A change could not be written down: ${error.message}`);
    fs.ftruncateSync(file, before);
    return false;
  }
  pending = [];
  return true;
}

module.exports = { install };
