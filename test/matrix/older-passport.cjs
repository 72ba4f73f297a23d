/** Passport 0.4 and 0.5 for test hosts that are written for 0.7: `session()` brings `initialize()` along, and log-out calls back. See jest.config.mjs. */
const name = `passport-${process.env.HOST_PASSPORT}`;
const passport = require(name);
const { logOut } = require(`${name}/lib/http/request`);

const { initialize, session } = passport.Passport.prototype;

/** A second call does not forget what the first one was told. */
passport.Passport.prototype.initialize = function initializeAsBefore(options) {
  return initialize.call(this, { userProperty: this._userProperty, ...options });
};

function logOutAndCallBack(...given) {
  logOut.call(this);
  given.find((one) => typeof one === 'function')?.();
}

passport.Passport.prototype.session = function sessionWithAllItNeeds(...given) {
  const [begin, restore] = [this.initialize(), session.apply(this, given)];
  return (req, res, next) => {
    req.logOut = req.logout = logOutAndCallBack;
    begin(req, res, (error) => (error ? next(error) : restore(req, res, next)));
  };
};

module.exports = passport;
