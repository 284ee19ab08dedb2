export { OrdersScreen } from "./OrdersScreen";
