// Loaded by node before Azurite's own code (node --require), to tie the child to the local cloud that started it.
//
// Standard input is a pipe from the parent. When it ends, however the parent died, requests under way are finished,
// new ones are refused, and Azurite is closed through its own SIGINT handler, the only one that saves the tables.
// A line on the pipe is JSON: {"accounts": "name:key1:key2"} makes Azurite take other keys at once.
"use strict";

const http = require("http");
const path = require("path");

const LONGEST_REQUEST = 10000; // milliseconds
let underWay = 0;
let closing = false;
let accountStore;

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

function close() {
  if (closing) {
    return;
  }
  closing = true;
  const began = Date.now();
  const timer = setInterval(() => {
    if (underWay > 0 && Date.now() - began < LONGEST_REQUEST) {
      return;
    }
    clearInterval(timer);
    // Without a handler Azurite has not finished starting: nobody has been told that anything was written.
    if (!process.emit("SIGINT")) {
      process.exit(0);
    }
  }, 5);
}

function obey(line) {
  const message = JSON.parse(line);
  if (message.accounts) {
    process.env.AZURITE_ACCOUNTS = message.accounts;
    if (accountStore) {
      accountStore.refresh();
    }
  }
}

// Azurite reads its accounts again once a minute only: keep hold of the object that does it.
const AccountDataStore = require(path.join(path.dirname(process.argv[1]), "..", "common", "AccountDataStore.js")).default;
const init = AccountDataStore.prototype.init;
AccountDataStore.prototype.init = function () {
  accountStore = this;
  return init.apply(this, arguments);
};

let pending = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (text) => {
  const lines = (pending + text).split("\n");
  pending = lines.pop();
  lines.forEach(obey);
});
process.stdin.on("end", close);
process.stdin.on("error", close);
process.stdin.unref();
process.on("SIGTERM", close);
