export { useWide } from "../../components";
