export { StaffScreen } from "./StaffScreen";
