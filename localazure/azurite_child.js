// Runs Azurite's Table service as a child of the local cloud: node azurite_child.js …/azurite/dist/src/table/main.js
//
// Standard input is a pipe from the parent, one JSON message a line. {"begin": {location, port, accounts}} starts the
// service: a child may wait for it with everything loaded, so that it starts at once. {"accounts": "name:key1:key2"}
// makes it take other keys. When the pipe ends, however the parent died, requests under way are finished, new ones are
// refused, and Azurite is closed through its own SIGINT handler, which saves the tables.
"use strict";

const http = require("http");
const path = require("path");
const journal = require("./azurite_journal.js");

const LONGEST_REQUEST = 10000; // milliseconds
const main = process.argv[2];
const folder = path.dirname(main);
let underWay = 0;
let closing = false;
let begun = false;
let accountStore;

function countRequests() {
  const emit = http.Server.prototype.emit;
  http.Server.prototype.emit = function (event, request, response) {
    if (event !== "request") {
      return emit.apply(this, arguments);
    }
    if (closing) {
      response.writeHead(503, { Connection: "close", "x-ms-error-code": "ServerBusy" });
      response.end();
      return true;
    }
    underWay += 1;
    response.once("close", () => (underWay -= 1));
    return emit.apply(this, arguments);
  };
}

// Azurite reads its accounts again once a minute only: keep hold of the object that does it.
function holdAccounts() {
  const AccountDataStore = require(path.join(folder, "..", "common", "AccountDataStore.js")).default;
  const init = AccountDataStore.prototype.init;
  AccountDataStore.prototype.init = function () {
    accountStore = this;
    return init.apply(this, arguments);
  };
}

function begin({ location, port, accounts }) {
  begun = true;
  process.chdir(location);
  process.env.AZURITE_ACCOUNTS = accounts;
  const flags = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--disableProductStyleUrl"];
  const place = ["--location", location, "--tableHost", "127.0.0.1", "--tablePort", String(port)];
  process.argv = [process.argv[0], main, ...flags, ...place];
  require(main);
}

function close() {
  if (closing) {
    return;
  }
  closing = true;
  process.stdin.unref();
  const began = Date.now();
  const timer = setInterval(() => {
    if (underWay > 0 && Date.now() - began < LONGEST_REQUEST) {
      return;
    }
    clearInterval(timer);
    // Without Azurite's handler it has not finished starting: nobody has been told that anything was written.
    if (process.listenerCount("SIGINT") < 2 || !begun) {
      process.exit(0);
    }
    process.emit("SIGINT");
  }, 5);
}

function obey(line) {
  const message = JSON.parse(line);
  if (message.begin) {
    begin(message.begin);
  }
  if (message.accounts) {
    process.env.AZURITE_ACCOUNTS = message.accounts;
    if (accountStore) {
      accountStore.refresh();
    }
  }
}

function listen() {
  let pending = "";
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (text) => {
    const lines = (pending + text).split("\n");
    pending = lines.pop();
    lines.forEach(obey);
  });
  process.stdin.on("end", close);
  process.stdin.on("error", close);
  process.on("SIGTERM", close);
  process.on("SIGINT", () => process.stdin.unref());
}

countRequests();
holdAccounts();
journal.install(main);
listen();
require(path.join(folder, "TableServer.js"));
require(path.join(folder, "TableEnvironment.js"));
