export { RefundsScreen } from "./RefundsScreen";
