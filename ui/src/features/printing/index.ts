export { PaperPanel } from "./PaperPanel";
export { PrintingScreen } from "./PrintingScreen";
