// What every page does: it can be left quickly, and Help stays readable without a connection.

import { registerOffline } from "../offline.js";
import { armLeaving } from "./leave.js";

armLeaving();
registerOffline();
